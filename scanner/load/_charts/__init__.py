"""Charts and kustomizations: who installs them, what the user's own tools make of them, and where that is written."""
