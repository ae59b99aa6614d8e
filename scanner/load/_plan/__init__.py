"""What a plan says beside its values, and the `.tf` files beside a plan."""
