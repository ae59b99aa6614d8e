"""What quoted texts and heredocs say: escapes, and the pieces of a template.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tree_sitter import Node  # whoever imports this parses

from scanner.load._hcl.nodes import text_of
from scanner.patterns import regex

Piece = str | Node
"""Text, or the expression that is put there."""

_ESCAPE = regex(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HELD = regex("\0([0-9]+)\0")
"""Where an expression stood while the indentation of a heredoc is taken away."""


class BeyondError(Exception):
    """More than is worked out without the evaluator."""


class FailedError(BeyondError):
    """What Terraform itself cannot work out either, so that `try` goes on to its next argument."""


def quoted(node: Node) -> str:
    """A text in quotes in which nothing is put."""
    return _unescaped(text_of(node)[1:-1])


def pieces(template: Node) -> Iterator[Piece]:
    """The pieces of a template, whether it stands in quotes or is a heredoc."""
    inside = template.named_children
    if any(child.type == "template_directive" for child in inside):
        raise BeyondError
    put = [child for child in inside if child.type == "template_interpolation"]
    if any(_is_escaped(template, node) for node in put):
        raise BeyondError
    expressions = [_expression(node) for node in put]
    text = _held(template, put)
    text = _unescaped(text[1:-1]) if template.type == "quoted_template" else _markers(_heredoc(text))
    for place, piece in enumerate(_HELD.split(text)):
        if place % 2:
            yield expressions[int(piece)]
        elif piece:
            yield piece


def _held(template: Node, put: list[Node]) -> str:
    """The template as it is written, with a mark for each expression in it."""
    raw, begin = template.text or b"", template.start_byte
    at, parts = 0, list[bytes]()
    for number, node in enumerate(put):
        parts += [raw[at : node.start_byte - begin], b"\0%d\0" % number]
        at = node.end_byte - begin
    return b"".join([*parts, raw[at:]]).decode()


def _is_escaped(template: Node, node: Node) -> bool:
    """Whether a `$` stands before an expression: `$$${x}` is the text `$${x}`, which the grammar does not know."""
    before = node.start_byte - template.start_byte - 1
    return (template.text or b"")[before : before + 1] == b"$"


def _expression(node: Node) -> Node:
    found = [child for child in node.named_children if child.type == "expression"]
    if len(found) != 1 or "~" in {text_of(node)[2:3], text_of(node)[-2:-1]}:  # it takes white space away
        raise BeyondError
    return found[0]


def _heredoc(text: str) -> str:
    """The lines between the markers; of `<<-`, without the indentation that all have but empty ones."""
    first, _, rest = text.rstrip().partition("\n")
    lines = rest.split("\n")[:-1]
    if first.startswith("<<-"):
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        lines = [line[indent:] if line.strip() else line for line in lines]
    return "".join(f"{line}\n" for line in lines)


def _unescaped(text: str) -> str:
    return _markers(_ESCAPE.sub(_escaped, text) if "\\" in text else text)


def _escaped(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        return chr(int(code, 16))
    if match[3] not in _ESCAPES:
        raise BeyondError  # it is not valid
    return _ESCAPES[match[3]]


def _markers(text: str) -> str:
    text = text.replace("$${", "${").replace("%%{", "%{") if "{" in text else text
    return text if text.isascii() else unicodedata.normalize("NFC", text)
