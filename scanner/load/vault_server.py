"""Reads the configuration of Vault servers: `listener "tcp" { tls_disable = 1 }` and what stands beside it.

A body has the attributes by their names, and a list for each kind of block, with the label as `type`. A file is one of
them if it has a listener and none of the blocks that Vault's agent or Boundary have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from scanner.errors import LoadError
from scanner.load._files import File, Options, Scope, Skip
from scanner.load._text import Place, Text
from scanner.model import Citation, Document, Ledger, Origin
from scanner.patterns import regex
from scanner.vault_words import LISTENER

DIALECT = "vault"
SOURCE = "vault_server"
SUFFIXES = (".hcl", ".json")
SCOPE = Scope.TARGET

_STORES = frozenset({"storage", "backend", "ha_storage"})
_LISTENER = regex(LISTENER.encode())


def claims(file: File) -> bool:
    """Whether the file has a listener at the beginning of a line; in JSON, also what Vault stores in."""
    if b"listener" not in file.data or not file.uri.endswith(SUFFIXES):
        return False
    return _is_json(file) if file.uri.endswith(".json") else _LISTENER.search(file.data) is not None


def _is_json(file: File) -> bool:
    """What cannot be read is none of ours; much that is no JSON has this ending."""
    if not any(f'"{word}"'.encode() in file.data for word in _STORES):
        return False
    with suppress(LoadError):
        return isinstance(file.json, dict) and "listener" in file.json and not _STORES.isdisjoint(file.json)
    return False


def documents(file: File, _ledger: Ledger) -> Iterator[Document]:
    """The one server of the file."""
    from scanner import vault_servers  # noqa: PLC0415  # a reader of a language that few scans meet

    body = vault_servers.settings(file.text)
    if body is None:
        raise Skip("not infrastructure")
    yield Document(DIALECT, body, Origin(file.uri, SOURCE, (), PurePosixPath(file.uri).stem))


def places(file: Callable[[], File], citations: Sequence[Citation], _options: Options) -> Iterator[Place | None]:
    """The line of each attribute, or of its block, or of the first line."""
    from scanner import vault_servers  # noqa: PLC0415  # see above

    text = Text(citations[0].origin.uri, file().text)
    for citation in citations:
        found = vault_servers.place(text.text, citation.path)
        yield text.head(*found) if found else text.head(0, len(text.text))
