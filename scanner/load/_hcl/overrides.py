"""What a module's files say once its override files have changed them.

A block of an override file replaces arguments of the block with the same header, and all nested blocks of each kind it
has. https://developer.hashicorp.com/terraform/language/files/override
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from tree_sitter import Node  # noqa: TC002  # data classes hold it, and whoever imports this parses

from scanner.errors import LoadError
from scanner.load._hcl.forms import Source, is_override
from scanner.load._hcl.json_blocks import LABELS
from scanner.load._hcl.nodes import body_of, head, literal, parse, statements, text_of

_Header = tuple[str, ...]
"""Kind and labels; a provider's alias is one of them."""
_Slot = tuple[str, str]
"""What a statement gives: an argument of a name, or blocks of a kind."""
_LOCALS = ("locals",)
_UNCHANGED = ("block", "lifecycle")
"""Is put together argument by argument, and says nothing about what there will be."""


class _Block(Struct):
    """A block of the module: where it stands, and its statements as text."""

    header: _Header
    start: int
    end: int
    statements: list[tuple[_Slot, str]]
    changed: bool = False

    def replace(self, statements: Iterable[tuple[_Slot, str]]) -> None:
        """Let these statements take the place of those that give the same."""
        new = [one for one in statements if one[0] != _UNCHANGED]
        gone = {slot for slot, _ in new}
        self.statements = [one for one in self.statements if one[0] not in gone] + new
        self.changed = True

    def text(self) -> str:
        """The block as it would be written."""
        kind, *labels = self.header
        words = [kind, *(f'"{label}"' for label in labels[: LABELS[kind]]), "{"]
        return "\n".join((" ".join(words), *(text for _, text in self.statements), "}"))


def overridden(files: Sequence[Source]) -> list[Source]:
    """The files, all in the native syntax, with the overrides in place; raises `LoadError`.

    An override file itself keeps only providers that no other file configures.
    """
    plain = [(file, list(_blocks(file.data))) for file in files if not is_override(file.name)]
    every = [block for _, blocks in plain for block in blocks]
    declared = {block.header: block for block in every}
    where = {slot[1]: block for block in every if block.header == _LOCALS for slot, _ in block.statements}
    kept: list[Source] = []
    for file in files:
        if is_override(file.name):
            added = [block.text() for block in _blocks(file.data) if _is_added(block, declared, where)]
            kept.append(Source(file.name, file.path, "\n".join(added).encode()))
    return [_with_changes(file, blocks) for file, blocks in plain] + kept


def _is_added(block: _Block, declared: dict[_Header, _Block], where: dict[str, _Block]) -> bool:
    """Put a block of an override file where it belongs, unless it configures a provider that nobody else does."""
    if block.header == _LOCALS:
        _override_locals(block, where)
    elif block.header in declared:
        declared[block.header].replace(block.statements)
    elif block.header[0] == "provider" and len(block.header) == 2:  # noqa: PLR2004  # no alias
        declared[block.header] = block
        return True
    else:
        raise _missing(".".join(block.header))
    return False


def _with_changes(file: Source, blocks: Sequence[_Block]) -> Source:
    """The file with its changed blocks; the others stay where they are as far as possible."""
    parts, here = list[bytes](), 0
    for block in blocks:
        if block.changed:
            parts += (file.data[here : block.start], block.text().encode())
            here = block.end
    return Source(file.name, file.path, b"".join((*parts, file.data[here:])))


def _override_locals(block: _Block, where: dict[str, _Block]) -> None:
    for slot, text in block.statements:
        if slot[1] not in where:
            raise _missing(f"local.{slot[1]}")
        where[slot[1]].replace([(slot, text)])


def _missing(what: str) -> LoadError:
    return LoadError(f"is not valid: it overrides {what}, which is not declared", "See what `terraform validate` says.")


def _blocks(data: bytes) -> Iterator[_Block]:
    """The blocks that say what there will be."""
    for node in statements(parse(data.decode())):
        kind, labels = head(node) if node.type == "block" else ("", ())
        if LABELS.get(kind) == len(labels):
            inside = list(statements(body_of(node)))
            alias = [literal(one.named_children[1]) or "" for one in inside if _slot(one) == ("argument", "alias")]
            found = [(slot, text_of(one)) for one in inside if (slot := _slot(one))[0]]
            yield _Block((kind, *labels, *(alias if kind == "provider" else ())), node.start_byte, node.end_byte, found)


def _slot(node: Node) -> _Slot:
    if node.type == "attribute" and node.named_children:
        return "argument", text_of(node.named_children[0])
    if node.type == "block":
        kind, labels = head(node)
        return "block", labels[0] if kind == "dynamic" and labels else kind
    return "", ""
