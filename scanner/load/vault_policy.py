"""Reads policies of Vault, in files of their own: `path "secret/data/team/*" { capabilities = ["read"] }`.

A body has `name` (the file's, as `vault policy write` is mostly given it) and `grants`, see `vault_policies`. The same
ending is used for much else (Terragrunt, Packer, lock files), so a policy is told by its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from scanner.load._files import File, Options, Scope
from scanner.load._text import Place, Text
from scanner.model import Citation, Document, Ledger, Origin
from scanner.patterns import regex

DIALECT = "vault"
SOURCE = "vault_policy"
SUFFIXES = (".hcl",)
SCOPE = Scope.TARGET

_PATH = regex(rb'(?m)^[ \t]*path[ \t]+"[^"\n]*"[ \t]*\{')


def claims(file: File) -> bool:
    """Whether the file has a path block at the beginning of a line, as nothing else with this ending has."""
    return file.uri.endswith(SUFFIXES) and b"path" in file.data and _PATH.search(file.data) is not None


def documents(file: File, _ledger: Ledger) -> Iterator[Document]:
    """The one policy of the file."""
    from scanner import vault_policies  # noqa: PLC0415  # a reader of a language that few scans meet

    name = PurePosixPath(file.uri).stem
    body = {"name": name, "grants": vault_policies.grants(file.text)}
    yield Document(DIALECT, body, Origin(file.uri, SOURCE, (), name))


def places(file: Callable[[], File], citations: Sequence[Citation], _options: Options) -> Iterator[Place | None]:
    """The line of each grant's capabilities, or of its path where they are not written."""
    from scanner import vault_policies  # noqa: PLC0415  # see above

    text = Text(citations[0].origin.uri, file().text)
    written = vault_policies.blocks(text.text)
    for citation in citations:
        number = citation.path[1] if len(citation.path) > 1 else len(written)
        if not isinstance(number, int) or number >= len(written):
            yield text.head(0, len(text.text))
            continue
        block = written[number]
        granted = next(block.value.named(*vault_policies.GRANTED_BY), block)
        yield text.head(granted.start, granted.end)
