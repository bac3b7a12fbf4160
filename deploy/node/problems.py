"""The one way in which setting up or running a node says that it can't go on."""


class NodeProblem(Exception):
    """One clear sentence for a person: what is wrong, and the way out."""
