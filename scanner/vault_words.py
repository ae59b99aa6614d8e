"""Words of Vault that several rooms know. Sources: its documentation, and the schema of its Terraform provider."""

LISTENER = r'(?m)^[ \t]*"?listener"?[ \t]+"?(?:tcp|unix)"?[ \t\r\n]*\{'
"""A block that the configuration of each server has, at the beginning of a line."""
STORES = ("storage", "backend", "ha_storage")
"""What the configuration of a server in JSON has beside its listener. Much that is no server's has one of the two."""
AUTH_METHODS = (
    *("vault_auth_backend", "vault_jwt_auth_backend", "vault_gcp_auth_backend", "vault_ldap_auth_backend"),
    *("vault_github_auth_backend", "vault_okta_auth_backend", "vault_saml_auth_backend"),
)
"""Terraform's resources that set up a way to log in."""
