"""The watch's door: members' services ask before they go on, over TCP or a Unix socket, in a process of its own.

Its modules know no Django; who may come in is asked through `callers`, which does.
"""
