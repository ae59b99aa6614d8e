"""Reads policies of Vault, in files of their own: `path "secret/data/team/*" { capabilities = ["read"] }`.

A body has `name` (the file's, as `vault policy write` is mostly given it) and `grants`, see `vault_policies`. The same
ending is used for much else (Terragrunt, Packer, lock files), so a policy is told by its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath

from scanner import vault_policies
from scanner.load._files import File, Options, Scope
from scanner.load._text import Place, Text
from scanner.model import Citation, Document, Ledger, Origin
from scanner.patterns import regex

DIALECT = "vault"
SOURCE = "vault_policy"
SUFFIXES = (".hcl",)
SCOPE = Scope.TARGET

_PATH = regex(rb'(?m)^[ \t]*path[ \t]+"[^"\n]*"[ \t]*\{')
_KIND = "path"
_CAPABILITIES = ("capabilities", "policy")


def claims(file: File) -> bool:
    """Whether the file has a path block at the beginning of a line, as nothing else with this ending has."""
    return file.uri.endswith(SUFFIXES) and b"path" in file.data and _PATH.search(file.data) is not None


def documents(file: File, _ledger: Ledger) -> Iterator[Document]:
    """The one policy of the file."""
    name = PurePosixPath(file.uri).stem
    body = {"name": name, "grants": vault_policies.grants(file.text)}
    yield Document(DIALECT, body, Origin(file.uri, SOURCE, (), name))


def places(file: Callable[[], File], citations: Sequence[Citation], _options: Options) -> Iterator[Place | None]:
    """The line of each grant's capabilities, or of its path where they are not written."""
    from scanner.load import _hcl_nodes  # noqa: PLC0415  # positions of the few files with findings

    text = Text(citations[0].origin.uri, file().text)
    root = _hcl_nodes.parse(text.text)
    blocks = [one for one in _hcl_nodes.statements(root) if one.type == "block" and _hcl_nodes.head(one)[0] == _KIND]
    encoded = text.text.encode()

    def offset(byte: int) -> int:
        return len(encoded[:byte].decode())

    for citation in citations:
        number = citation.path[1] if len(citation.path) > 1 else 0
        block = blocks[number] if isinstance(number, int) and number < len(blocks) else None
        if block is None:
            yield text.head(0, len(text.text))
            continue
        inside = [one for one in _hcl_nodes.statements(_hcl_nodes.body_of(block)) if one.type == "attribute"]
        wanted = [one for one in inside if _hcl_nodes.text_of(one.named_children[0]) in _CAPABILITIES]
        node = wanted[0] if wanted and "path" not in citation.path[2:] else block
        yield text.head(offset(node.start_byte), offset(node.end_byte))
