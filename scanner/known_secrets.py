"""Finds the texts of known secrets in other texts, however a file spells them, wherever it breaks them into lines."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any
from urllib.parse import quote

from scanner.patterns import regex
from scanner.secret_shapes import Span

_SHORTEST = 4
"""Characters. Shorter texts are everywhere by chance; removing them would make reports unreadable."""
HARMLESS = frozenset({"true", "false", "null", "none"})
_CHUNK = 2_000
"""Secrets in one regular expression. Python compiles larger ones too, but ever more slowly."""
_RUN = 3
"""Lines of a secret that must follow each other before lines that are common elsewhere count as part of it."""

_WORD = regex(r"[A-Za-z]{4,12}")
"""Passwords that may also be a part of other words."""
COMMON_WORDS = frozenset(
    {
        "admin", "administrator", "airflow", "changeit", "changeme", "data", "database", "default", "demo",
        "development", "docker", "dummy", "elastic", "example", "fake", "foobar", "grafana", "guest",
        "jupyter", "katib", "keycloak",
        "kubeflow", "local", "master", "minio", "minioadmin", "mlflow", "mock", "mongo", "mysql", "oracle", "pass",
        "passwd", "password", "postgres", "postgresql", "production", "public", "rabbitmq", "redis", "root", "sample",
        "secret", "service", "staging", "system", "test", "testing", "token", "user", "username", "vault", "welcome",
    }
)  # fmt: skip
"""Passwords such as `password` and `postgres` are also words of every other line, in the names of things above all."""
_COMMON_LINE = regex(
    r"""(?x) [-\s]*+ ["']? [\w./-]+ ["']? \s* [:=]? \s* (?: ["']? [\w./-]{0,15} ["']? | \{\} | \[\] ) ,? | \W+
    | -----(?:BEGIN|END)[ ][A-Z ]+-----"""
)
"""What stands in one configuration file stands in others: `kind: Config`. Keys that name a secret are masked anyway."""


def texts_in(value: Any) -> Iterator[str]:
    """All text inside a value, without keys. Numbers and truth values are no secrets worth hiding."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)


class KnownSecrets:
    """Knows some secrets and all their spellings."""

    def __init__(self, secrets: Iterable[str]) -> None:
        whole = set(secrets)
        pieces = {piece for secret in whole for piece in _pieces(secret)}
        words = sorted(piece for piece in pieces if _WORD.fullmatch(piece))
        common = [word for word in words if word.lower() in COMMON_WORDS]
        rare = [word for word in words if word.lower() not in COMMON_WORDS]
        forms = sorted({form for piece in pieces for form in _forms(piece)} - set(words))
        self._patterns = (*_patterns(forms, "{}"), *_patterns(rare, _AS_WORD))
        self._common = tuple(_patterns(common, _AS_VALUE))
        self._runs = {run for secret in whole for run in _runs(_stripped(secret))}

    def spans(self, text: str, *, common: bool = True) -> Iterator[Span]:
        """Where they stand, as start and end; they may overlap. Those that are common words only if asked for."""
        for pattern in (*self._patterns, *self._common) if common else self._patterns:
            found = pattern.search(text)
            while found:
                yield found.span()
                found = pattern.search(text, found.start() + 1)
        if self._runs and text.count("\n") >= _RUN - 1:
            yield from self._runs_in(text)

    def _runs_in(self, text: str) -> Iterator[Span]:
        lines = [(line[0].strip(), line.span()) for line in re.finditer(r"[^\n]*\S[^\n]*", text)]
        for start, run in enumerate(_runs([line for line, _ in lines])):
            if run in self._runs:
                yield from (span for _, span in lines[start : start + _RUN])


_AS_WORD = r"(?<![A-Za-z])(?:{})(?![A-Za-z])"
"""No part of a longer word, whatever joins it to others: a hyphen, a digit, a slash."""

_AS_VALUE = r"(?<![\w.-])(?:{})(?![\w.-]|[\"']?\s*[:=])"
"""Alone, and not as a key."""


def _pieces(secret: str) -> Iterator[str]:
    """The secret and, where it has several lines, those that tell it: files indent them, and frames cut them apart."""
    lines = (line for line in _stripped(secret) if not _COMMON_LINE.fullmatch(line)) if "\n" in secret else ()
    for piece in (secret, secret.strip(), *lines):
        if len(piece.strip()) >= _SHORTEST and piece.lower() not in HARMLESS:
            yield piece


def _stripped(secret: str) -> list[str]:
    return [line.strip() for line in secret.split("\n") if line.strip()]


def _runs(lines: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(lines[start:] for start in range(_RUN)), strict=False)


def _forms(piece: str) -> Iterator[str]:
    """Every spelling that files use for it."""
    yield piece
    yield from (json.dumps(piece)[1:-1], json.dumps(piece, ensure_ascii=False)[1:-1])
    yield piece.replace("'", "''")  # inside single quotes in YAML
    yield piece.replace("${", "$${").replace("%{", "%%{")  # inside quotes in HCL
    raw = piece.encode("utf-8", "surrogatepass")
    yield quote(raw, safe="")
    yield from (base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("="))


def _patterns(secrets: list[str], frame: str) -> Iterator[re.Pattern[str]]:
    """The sorted secrets as few regular expressions, which look at the first characters before anything else."""
    for start in range(0, len(secrets), _CHUNK):
        heads = groupby(secrets[start : start + _CHUNK], key=lambda secret: secret[:_SHORTEST])
        choices = "|".join(f"{re.escape(head)}(?:{_tails(group)})" for head, group in heads)
        yield regex(frame.replace("{}", choices))


def _tails(group: Iterable[str]) -> str:
    """What may follow the first characters; the longest is tried first."""
    tails = sorted((secret[_SHORTEST:] for secret in group), key=len, reverse=True)
    return "|".join(map(re.escape, tails))
