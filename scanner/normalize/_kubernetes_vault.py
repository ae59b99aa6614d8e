"""Vault servers whose configuration is a text in a ConfigMap, as the Helm chart of Vault makes one."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.bodies import at, mapping
from scanner.errors import LoadError
from scanner.model import Document, Problem, Resource
from scanner.normalize._kubernetes_shapes import name
from scanner.normalize._vault_server import server
from scanner.vault_servers import LOOKS_LIKE_ONE, settings


def servers(document: Document) -> Iterator[Resource | Problem]:
    """One for each text that is a configuration. What the text holds of secrets is the ConfigMap's matter."""
    for key, text in mapping(at(document.body, "data")).items():
        if not isinstance(text, str) or "listener" not in text or not LOOKS_LIKE_ONE.search(text):
            continue
        try:
            found = settings(text)
        except LoadError as error:
            where = f"{document.origin.uri}: {document.origin.address}"
            yield Problem("normalize", where, f"{key} {error.message}", error.hint)
        else:
            if found is not None:
                yield server(found, document.origin, name(document.body), ("data", key))
