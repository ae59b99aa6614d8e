"""What was meant by words and signs that other languages have and CEL has not."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.patterns import regex

_SYNTAX = "Syntax error"
_QUOTES = ("'", '"')
_SIGNS: Mapping[str, str] = {
    "=": "write == to compare",
    "and": "write && for and",
    "or": "write || for or",
    "not": "write !(x in y) for x not in y",
    "is": "write == to compare",
    "if": "write condition ? yes : no",
    "&": "write && for and",
    "|": "write || for or",
    ";": "an expression is one answer, without an end mark",
    "$": "write a name without ${ }",
}
"""What an expression cannot be read at, to what stands there in CEL."""
_SIGN = regex(r"\w+|&&|\|\||.")
_WORDS: Mapping[str, str] = {
    "not": "write !",
    "len": "did you mean 'size'?",
    "length": "did you mean 'size'?",
    "count": "did you mean 'size'?",
    "any": "did you mean 'exists'?",
    "some": "did you mean 'exists'?",
    "every": "did you mean 'all'?",
    "includes": "write x in list",
    "toLowerCase": "did you mean 'lowerAscii'?",
    "toUpperCase": "did you mean 'upperAscii'?",
    "True": "did you mean 'true'?",
    "False": "did you mean 'false'?",
    "None": "did you mean 'null'?",
    "nil": "did you mean 'null'?",
    "now": "a policy cannot read the clock: the same files give the same answer on every day",
}
"""Names that authors bring along, to what they are called here."""


def is_about(message: str) -> bool:
    """Whether the expression could not be read at all."""
    return message.startswith(_SYNTAX)


def plain(message: str, text: str, offset: int) -> str:
    """What is wrong where the expression could not be read, and what to write; empty for other mistakes."""
    if not is_about(message):
        return ""
    rest = text[offset:]
    if rest.startswith(_QUOTES) and "token recognition" in message:
        return f"Syntax error: the text that begins here is not closed with {rest[0]}"
    if not rest.strip():
        lacking = " a closing )" if text.count("(") > text.count(")") else " something"
        return f"Syntax error: the expression ends too early;{lacking} is missing"
    if rest.startswith("}"):
        return "Syntax error: a } stands alone; write a name without braces"
    return f"Syntax error: '{_sign(rest)}' cannot stand here{_semicolon(_SIGNS.get(_sign(rest), ''))}"


def meant(name: str) -> str:
    """What to write for a name that CEL does not have, where that is known."""
    return _semicolon(_WORDS.get(name, ""))


def instead(function: str, given: str) -> str:
    """What to write where a function of texts is given a list."""
    return "; write x in list" if function == "contains" and given.startswith("(list(") else ""


def _sign(rest: str) -> str:
    found = _SIGN.match(rest)
    return found.group() if found else ""


def _semicolon(told: str) -> str:
    return f"; {told}" if told else ""
