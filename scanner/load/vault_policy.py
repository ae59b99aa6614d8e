"""Reads policies of Vault, in files of their own: `path "secret/data/team/*" { capabilities = ["read"] }`.

A body has `name` (the file's, as `vault policy write` is mostly given it) and `grants`, see `vault_policies`. The same
ending is used for much else (Terragrunt, Packer, lock files), so a policy is told by its content.
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

DIALECT = "vault"
SOURCE = "vault_policy"
SUFFIXES = (".hcl", ".json")
SCOPE = Scope.TARGET

_PATH = regex(rb'(?m)^[ \t]*"?path"?[ \t]*"[^"\n]*"\s*\{')
_GRANTED_BY = (b'"capabilities"', b'"policy"')
_LARGEST = 1_000_000
"""Bytes of a policy in JSON. Much else in JSON is larger."""


def claims(file: File) -> bool:
    """Whether the file has a path block at the beginning of a line; in JSON, whether it has nothing but paths."""
    if b"path" not in file.data or not file.uri.endswith(SUFFIXES):
        return False
    return (file.uri.endswith(".hcl") and _PATH.search(file.data) is not None) or _is_json(file)


def _is_json(file: File) -> bool:
    if len(file.data) > _LARGEST or not file.data.lstrip().startswith(b"{"):
        return False
    if not any(word in file.data for word in _GRANTED_BY):
        return False
    with suppress(LoadError):
        found = file.json
        return (
            isinstance(found, dict) and found.keys() <= {"path", "name"} and isinstance(found.get("path"), dict | list)
        )
    return False


def documents(file: File, _ledger: Ledger) -> Iterator[Document]:
    """The one policy of the file. Nomad's policies have paths as well, inside of other blocks."""
    from scanner import hcl1, vault_policies  # noqa: PLC0415  # a reader of a language that few scans meet

    if next(hcl1.parse(file.text).named("path"), None) is None:
        raise Skip("not infrastructure")
    name = PurePosixPath(file.uri).stem
    body = {"name": name, "grants": vault_policies.grants(file.text)}
    yield Document(DIALECT, body, Origin(file.uri, SOURCE, (), name))


def places(file: Callable[[], File], citations: Sequence[Citation], _options: Options) -> Iterator[Place | None]:
    """The line of each grant's capabilities, or of its path where they are not written."""
    from scanner import vault_policies  # noqa: PLC0415  # see above

    found = JsonPlaces(Text(citations[0].origin.uri, file().text))
    written = vault_policies.blocks(found.text.text)
    for citation in citations:
        number = citation.path[1] if len(citation.path) > 1 else len(written)
        if not isinstance(number, int) or number >= len(written):
            yield place_of(None, found)
            continue
        block = written[number]
        yield place_of(next(block.value.named(*vault_policies.GRANTED_BY), block), found)
