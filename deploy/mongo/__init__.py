"""MongoDB, as an operator sees it."""
