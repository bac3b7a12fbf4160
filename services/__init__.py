"""The services of a node, and its door; they meet at the broker and nowhere else."""
