"""Documents made from the code, so that they can't disagree with it."""
