"""The reference model: what a policy means, in plain Python integers."""
