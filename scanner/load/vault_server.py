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
from scanner.load._json_places import JsonPlaces
from scanner.load._text import Place, Text
from scanner.load._vault_places import place_of
from scanner.model import Citation, Document, Ledger, Origin
from scanner.patterns import regex
from scanner.vault_words import LISTENER, STORES

DIALECT = "vault"
SOURCE = "vault_server"
SUFFIXES = (".hcl", ".json")
SCOPE = Scope.TARGET

_LISTENER = regex(LISTENER.encode())


def claims(file: File) -> bool:
    """Whether the file has a listener at the beginning of a line; in JSON, also what Vault stores in."""
    if b"listener" not in file.data or not file.uri.endswith(SUFFIXES):
        return False
    return _LISTENER.search(file.data) is not None or _is_json(file)


def _is_json(file: File) -> bool:
    """What cannot be read is none of ours; much that is no JSON has this ending."""
    if not file.data.lstrip().startswith(b"{") or not any(f'"{word}"'.encode() in file.data for word in STORES):
        return False
    with suppress(LoadError):
        return isinstance(file.json, dict) and "listener" in file.json and any(word in file.json for word in STORES)
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

    found = JsonPlaces(Text(citations[0].origin.uri, file().text))
    for citation in citations:
        yield place_of(vault_servers.place(found.text.text, citation.path), found)
