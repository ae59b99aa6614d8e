"""What Google's CEL says about an expression, in words for a policy's author, with the nearest right name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from scanner import cel
from scanner.cel.names import function_names
from scanner.checked_yaml import nearest
from scanner.patterns import regex

_UNDECLARED = regex(r"undeclared reference to '([^']*)'")
_OVERLOAD = regex(r"found no matching overload for '([^']*)' applied to '([^']*)'")
_FOLLOWS = "'*error*'"
"""In a complaint that only follows from another one."""


def complaints(
    mistakes: Sequence[cel.Mistake], text: str, variables: Iterable[str], hint: Callable[[str], str]
) -> Iterator[tuple[int, str]]:
    """For each mistake the character of the text it is at, from 0, and what to say about it.

    `hint` says what is known about a name that is not declared, or nothing.
    """
    known = [*variables, *function_names()]
    for found in [one for one in mistakes if _FOLLOWS not in one.message] or mistakes:
        before = text.split("\n")[: found.line - 1]
        offset = sum(len(line) + 1 for line in before) + found.column - 1
        yield _start(found.message, text, offset), _plain(found.message, known, hint)


def _start(message: str, text: str, offset: int) -> int:
    """Where a name begins: the parser gives the last dot of a dotted one."""
    undeclared = _UNDECLARED.search(message)
    root = undeclared.group(1).partition(".")[0] if undeclared else ""
    return max(text.rfind(root, 0, offset), 0) if root and text[offset : offset + 1] == "." else offset


def _plain(message: str, known: Iterable[str], hint: Callable[[str], str]) -> str:
    undeclared = _UNDECLARED.search(message)
    if undeclared:
        name = undeclared.group(1)
        return hint(name) or f"there is no '{name}' here{nearest(name, known)}"
    overload = _OVERLOAD.search(message)
    if overload:
        return f"'{overload.group(1).strip('_@')}' does not take {overload.group(2)}"
    return message
