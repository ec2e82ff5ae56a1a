"""Tables and queries, and nowhere else."""
