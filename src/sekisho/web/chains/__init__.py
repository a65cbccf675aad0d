"""The page of chains in parts: what is asked for, what is found about it, what is drawn, and the panel of a node."""
