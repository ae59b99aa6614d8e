"""Vault servers whose configuration is a text in a ConfigMap, as the Helm chart of Vault makes one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import orjson

from scanner.bodies import at, mapping
from scanner.errors import LoadError
from scanner.model import Document, Problem, Resource, Unknown
from scanner.normalize._kubernetes.shapes import name
from scanner.patterns import regex
from scanner.vault_words import LISTENER, STORES

_LISTENER = regex(LISTENER)


def servers(document: Document) -> Iterator[Resource | Problem]:
    """One for each text that is a configuration. What the text holds of secrets is the ConfigMap's matter."""
    data = at(document.body, "data")
    for key, text in () if isinstance(data, Unknown) else mapping(data).items():
        if isinstance(text, str) and "listener" in text and (_LISTENER.search(text) or _is_json(text)):
            yield from _server(document, key, text)


def _is_json(text: str) -> bool:
    """The chart writes JSON where its values give the configuration as a structure."""
    if not text.lstrip().startswith("{") or not any(f'"{word}"' in text for word in STORES):
        return False
    with suppress(orjson.JSONDecodeError):
        return isinstance(orjson.loads(text), dict)
    return False


def _server(document: Document, key: str, text: str) -> Iterator[Resource | Problem]:
    from scanner.normalize._vault_server import server  # noqa: PLC0415  # a reader of a language that few scans meet
    from scanner.vault_servers import settings  # noqa: PLC0415  # likewise

    try:
        found = settings(text)
    except LoadError as error:
        where = f"{document.origin.uri}: {document.origin.address}"
        yield Problem("normalize", where, f"{key} {error.message}", error.hint)
    else:
        if found is not None:
            yield server(found, document.origin, name(document.body), ("data", key))
