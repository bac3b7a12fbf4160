"""The API, one file per resource; each route parses, makes one call and answers."""
