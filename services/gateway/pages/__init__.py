"""The gateway's own pages for people: a package for each family, its templates beside it, and no scripts."""
