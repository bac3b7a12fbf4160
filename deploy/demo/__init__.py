"""The demo communities: invented people of invented organisations, for a first look at a node."""
