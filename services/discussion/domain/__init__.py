"""What is said and learnt: the rules, one noun to a file."""
