"""Finds secrets written inside a text: configuration files, scripts, command lines, documents in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from scanner.analyze._secret_words import is_literal, names_object, names_secret
from scanner.patterns import regex

_SETTING = regex(
    r"""(?mx) ^ [ \t]* (?:export[ \t]+|-[ \t]+|set[ \t]+|ENV[ \t]+)? ["']? \$? (?P<key>[A-Za-z_][\w.-]*) ["']?
    (?: (?P<colon>[ \t]*:[ \t]+) | [ \t]*=[ \t]* (?=["']) | = )
    (?: "(?P<double>[^"\n]*)" | '(?P<single>[^'\n]*)' | (?P<bare>(?![|>])[^\s"'#()\[\]{}$<>,;]+) )
    [ \t,;]* (?:[#].*)? $
    """
)
"""A line that sets something. Without quotes `a = b` is taken for code that copies a variable."""

_FLAG = regex(r"(?:^|\s)--?(?P<key>[A-Za-z][\w.-]*)(?:=|\s+)[\"']?(?P<value>[^\s\"']+)")
_LOGIN = regex(r"\bcurl\b[^\n]*\s(?:-u|--user)[ =]?[\"']?[^\s:\"'$]+:(?P<value>[^\s\"']+)")
_ASSIGNED = regex(r"(?:^|\s)(?P<key>[A-Z][A-Z0-9_]*)=[\"']?(?P<value>[^\s\"';&|]+)")


def sets_secret(text: str) -> bool:
    """Whether a line of a configuration file or script gives a secret its value."""
    for match in _SETTING.finditer(text):
        value = match["double"] or match["single"] or match["bare"] or ""
        if names_secret(match["key"]) and is_literal(value) and not (match["colon"] and names_object(value)):
            return True
    return False


def passes_secret(words: str) -> bool:
    """Whether a command line gives a secret as a flag (`--password=x`, `-token x`) or a variable (`PASSWORD=x`).

    Of the programs that take a name and a password in one word, curl is known.
    """
    return any(
        _is_given(match["key"], match["value"]) for pattern in (_FLAG, _ASSIGNED) for match in pattern.finditer(words)
    ) or any(is_literal(match["value"]) for match in _LOGIN.finditer(words))


def secret_words(words: Sequence[Any]) -> Iterator[int]:
    """Which words of a list give a secret: `NAME=value`, `--password=x`, and the word after `--password`."""
    flag = ""
    for index, word in enumerate(words):
        if isinstance(word, str):
            name, equals, value = word.partition("=")
            alone = " " not in word.strip() and equals
            given = _is_given(name.lstrip("-"), value) if alone else passes_secret(word)
            if given or (flag and _is_given(flag, word)):
                yield index
        flag = word.lstrip("-") if isinstance(word, str) and word.startswith("-") and "=" not in word else ""


def _is_given(name: str, value: str) -> bool:
    return names_secret(name) and not value.startswith("-") and is_literal(value)


def embedded(text: str) -> Any:
    """The JSON document that a text holds; None if it holds none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
