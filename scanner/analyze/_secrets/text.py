"""Finds secrets written inside a text: configuration files, scripts, command lines, documents in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from scanner.analyze._secrets.words import is_authorization, is_literal, names_object, names_secret
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
_LOGINS = {
    ("curl",): regex(r"\bcurl\b[^\n]{0,200}\s(?:-u|--user)[ =]?[\"']?[^\s:\"'$]+:(?P<value>[^\s\"']+)"),
    ("mysql", "mariadb"): regex(
        r"\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)\b[^\n|;&]{0,200}\s-p(?P<value>[^\s\"'$]+)"
    ),
    ("redis-cli",): regex(r"\bredis-cli\b[^\n|;&]{0,200}\s-a\s+[\"']?(?P<value>[^\s\"'$]+)"),
    ("sshpass",): regex(r"\bsshpass\s+-p\s*[\"']?(?P<value>[^\s\"'$]+)"),
}
"""Programs that take a password by a letter, not far behind their name: a text may name them again and again."""

_HEADER = regex(r"(?i)\bauthorization\b[\"']?\s*[:=]?\s*[\"']?(?P<value>(?:basic|bearer)\s+[^\s\"']+)")
_ELEMENT = regex(r"<(?P<key>[A-Za-z][\w.-]*)>\s*(?P<value>[^<>\s]+)\s*</")
_ASSIGNED = regex(r"(?:^|\s)(?P<key>[A-Z][A-Z0-9_]*)=[\"']?(?P<value>[^\s\"';&|]+)")


def sets_secret(text: str) -> bool:
    """Whether a line of a configuration file or script gives a secret its value."""
    for match in _SETTING.finditer(text):
        value = match["double"] or match["single"] or match["bare"] or ""
        if names_secret(match["key"]) and is_literal(value) and not (match["colon"] and names_object(value)):
            return True
    if "<" in text and any(_is_given(match["key"], match["value"]) for match in _ELEMENT.finditer(text)):
        return True
    if "authorization" not in text.lower():
        return False
    return any(is_authorization(match["value"]) for match in _HEADER.finditer(text))


def passes_secret(words: str) -> bool:
    """Whether a command line gives a secret as a flag (`--password=x`, `-token x`) or a variable (`PASSWORD=x`).

    Of the programs that take a password by a letter some are known.
    """
    return any(
        _is_given(match["key"], match["value"]) for pattern in (_FLAG, _ASSIGNED) for match in pattern.finditer(words)
    ) or any(_logins(words))


def _logins(words: str) -> Iterator[str]:
    """Passwords that a command line gives by a letter."""
    for programs, pattern in _LOGINS.items():
        if any(program in words for program in programs):  # ten times faster than to look for the pattern
            yield from (match["value"] for match in pattern.finditer(words) if is_literal(match["value"]))


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
    # Words that hold blanks were looked at above, each by itself.
    plain = [word if isinstance(word, str) and " " not in word else "" for word in words]
    for password in _logins(" ".join(plain)):
        yield from (index for index, word in enumerate(plain) if word.endswith(password))


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
