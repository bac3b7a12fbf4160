"""How membership reaches people where they are not looking: by mail, and only to let them in."""
