"""Runs a whole node on one machine, without Docker and without root."""
