"""Who should know, and why: the rules, pure."""
