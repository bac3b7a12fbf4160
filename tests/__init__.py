"""The tests, and what they run on: real servers, real processes."""
