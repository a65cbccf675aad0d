"""The system map in parts: which systems are asked for, what is found about them, what is drawn, a node's panel."""
