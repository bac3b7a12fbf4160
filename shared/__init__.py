"""The language the services share, and the wiring under it; a business rule here is a bug."""
