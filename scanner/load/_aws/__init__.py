"""How a live AWS account is read."""
