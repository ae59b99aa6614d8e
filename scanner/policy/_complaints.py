"""What Google's CEL says about an expression, in words for a policy's author, with the nearest right name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from scanner import cel
from scanner.cel.names import MACROS, function_names
from scanner.checked_yaml import nearest
from scanner.patterns import regex
from scanner.policy import _syntax

_UNDECLARED = regex(r"undeclared reference to '([^']*)'")
_OVERLOAD = regex(r"found no matching overload for '([^']*)' applied to '([^']*)'")
_FOLLOWS = ("'*error*'", "<<nil>> parsetree")
"""In a complaint that only follows from another one."""


def complaints(
    mistakes: Sequence[cel.Mistake], text: str, variables: Iterable[str], hint: Callable[[str], str]
) -> Iterator[tuple[int, str]]:
    """For each mistake the character of the text it is at, from 0, and what to say about it.

    `hint` says what is known about a name that is not declared, or nothing.
    """
    known = [*variables, *function_names()]
    own = [one for one in mistakes if not any(words in one.message for words in _FOLLOWS)] or mistakes
    broken = [one for one in own if _syntax.is_about(one.message)]
    for found in broken[:1] or own:  # behind the first place that it cannot read, the parser guesses
        before = text.split("\n")[: found.line - 1]
        offset = sum(len(line) + 1 for line in before) + found.column - 1
        told = _syntax.plain(found.message, text, offset) or _plain(found.message, known, hint)
        yield _start(found.message, text, offset), told


def _start(message: str, text: str, offset: int) -> int:
    """Where a name begins: the parser gives the last dot of a dotted one."""
    undeclared = _UNDECLARED.search(message)
    root = undeclared.group(1).partition(".")[0] if undeclared else ""
    return max(text.rfind(root, 0, offset), 0) if root and text[offset : offset + 1] == "." else offset


def _plain(message: str, known: Sequence[str], hint: Callable[[str], str]) -> str:
    undeclared = _UNDECLARED.search(message)
    if undeclared:
        name = undeclared.group(1)
        if name in MACROS:
            return f"'{name}' is written otherwise: {MACROS[name]}"
        guess = _syntax.meant(name) or nearest(name, known) or _end(name, known)
        return hint(name) or f"there is no '{name}' here{guess}"
    overload = _OVERLOAD.search(message)
    if overload:
        name, given = overload.group(1).strip("_@"), overload.group(2)
        return f"'{name}' does not take {given}{_syntax.instead(name, given)}"
    return message


def _end(name: str, known: Iterable[str]) -> str:
    """For the last part of a dotted name that was written alone."""
    whole = sorted(one for one in known if one.rpartition(".")[2] == name)
    return f"; did you mean '{whole[0]}'?" if whole else ""
