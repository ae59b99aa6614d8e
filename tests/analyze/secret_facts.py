"""What tests about secrets share: tokens that are none, the objects of manifests, and a field of a fact in words."""

from typing import Any

from scanner import normalize
from scanner.analyze import secret_references
from scanner.model import Document, Fact, Inventory, Ledger, Origin, Partition, Unknown

Body = dict[str, Any]

GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
AWS = "AKIA" + "QWERTYUIOPASDFGH"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSi\n-----END RSA PRIVATE KEY-----"
SLACK = "xox" + "b-123456789012-abcdefghijkl"


def inventory_of(bodies: list[Body]) -> Inventory:
    documents = []
    for index, body in enumerate(bodies):
        metadata = body.get("metadata") if isinstance(body.get("metadata"), dict) else {}
        parts = [metadata.get("namespace"), body.get("kind"), metadata.get("name")]
        address = "/".join(part for part in parts if isinstance(part, str) and part)
        documents.append(Document("kubernetes", body, Origin("all.yaml", "kubernetes_manifest", (index,), address)))
    return normalize.inventory(Partition("test", documents), Ledger())


def seen(fact: Fact, field: str) -> Any:
    value = fact.values.get(field, secret_references.FIELDS[field].default)
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else value
