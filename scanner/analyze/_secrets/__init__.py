"""Where secrets stand and where they come from; for `secret_references` and `vault_access`."""
