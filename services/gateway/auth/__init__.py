"""Who is calling: from a credential to a `Caller`, before anything of the request is parsed."""
