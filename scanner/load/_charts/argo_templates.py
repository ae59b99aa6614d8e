"""How Argo CD fills in what an ApplicationSet writes between braces: by plain names, or as Go templates.

Go templates are left to the user's Helm, which knows the same functions (Sprig). What names a parameter that nothing in
the repository tells becomes `NOT_KNOWN` as a whole.
Source: argo-cd `applicationset/utils/utils.go` (`Replace`, `deeplyReplace`, `SanitizeName`) and its documentation of
Go templates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from msgspec import Struct

from scanner.bodies import text
from scanner.errors import LoadError
from scanner.load._charts import tools as _tools
from scanner.patterns import regex

NOT_KNOWN = "govscan-not-known"
"""Stands for a text that depends on what is not in the repository. It could be a name, so that tools take it."""

_PLAIN = regex(r"\{\{(.*?)\}\}")
_ACTION = regex(r"\{\{(.*?)\}\}", re.DOTALL)
_QUOTED = regex(r'"(?:\\.|[^"\\])*"|`[^`]*`')
_CHAIN = regex(r"(?<![\w)\]])\.(\w[\w.]*)")
_EVERYTHING = regex(r"(?<![\w.)\]])\.(?![\w.])")
_NORMALIZE = regex(r"(?<![\w.$])normalize(?!\w)")
_CHART = "apiVersion: v2\nname: texts\nversion: 0.0.0\n"
_TEXTS = """\
{{- define "normalize" -}}
{{ regexReplaceAll "[^-a-z0-9.]" (toString . | lower) "-" | trunc 253 | trimAll "-." }}
{{- end }}
kind: Texts
texts:
{{- range .Values.asked }}
- {{ tpl .text .given | toJson }}
{{- end }}
"""


class Given(Struct, frozen=True):
    """One set of parameters."""

    known: dict[str, Any]
    open: bool = False
    """A generator gives more names than those that are known."""


class Style(Struct, frozen=True):
    """How an ApplicationSet wants its texts to be filled in."""

    go: bool = False
    strict: bool = False
    """A name that is missing is a mistake (`missingkey=error`)."""


def filled(template: Any, sets: Iterable[Given], style: Style, *, keep: bool = False) -> list[Any]:
    """The template once for each set; raises `LoadError`. `keep` leaves texts alone that need other parameters."""
    asked = [(words, given) for given in sets for words in _texts(template)]
    answers = iter(_by_go(asked, keep=keep) if style.go else [_by_name(*one, keep=keep) for one in asked])
    return [_mapped(template, lambda _: next(answers)) for _ in sets]


def patches(written: str, sets: Iterable[Given], style: Style) -> list[str]:
    """A `templatePatch` once for each set; it may ask for parameters that are not there, unless the style is strict."""
    loose = [Given(one.known, one.open or style.strict) for one in sets]
    return _by_go([(written, one) for one in loose], keep=False, may_lack=True)


def _texts(template: Any) -> list[str]:
    found: list[str] = []

    def note(words: str) -> str:
        found.append(words)
        return words

    _mapped(template, note)
    return found


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, change) for inner in value]
    return change(value) if isinstance(value, str) and "{{" in value else value


def _by_name(words: str, given: Given, *, keep: bool) -> str:
    if any(name.strip() not in given.known for name in _PLAIN.findall(words)):
        return words if keep else NOT_KNOWN
    return _PLAIN.sub(lambda found: text(given.known[found[1].strip()]), words)


def _by_go(asked: Sequence[tuple[str, Given]], *, keep: bool, may_lack: bool = False) -> list[str]:
    lacking = [_lacks(words, given, may_lack=may_lack) for words, given in asked]
    clear = [{"text": _NORMALIZE.sub('include "normalize"', words), "given": given.known}
             for (words, given), lacks in zip(asked, lacking, strict=True) if not lacks]  # fmt: skip
    answers = iter(_by_helm(orjson.dumps({"asked": clear}).decode()) if clear else ())
    other = [words if keep else NOT_KNOWN for words, _ in asked]
    return [word if lacks else next(answers) for word, lacks in zip(other, lacking, strict=True)]


def _lacks(words: str, given: Given, *, may_lack: bool) -> bool:
    """Whether a Go template asks for something that is not known. Inside `range` and `with` that is not looked into."""
    actions = [_QUOTED.sub('""', action) for action in _ACTION.findall(words)]
    if given.open and any(_EVERYTHING.search(action) for action in actions):
        return True
    chains = (chain for action in actions for chain in _CHAIN.findall(action))
    return (given.open or not may_lack) and not all(_leads(given.known, chain.split(".")) for chain in chains)


def _leads(value: Any, steps: Sequence[str]) -> bool:
    for step in steps:
        if not isinstance(value, Mapping) or step not in value:
            return False
        value = value[step]
    return True


@lru_cache(maxsize=64)
def _by_helm(asked: str) -> tuple[str, ...]:
    """Each text, with its parameters filled in by Helm's own engine for Go templates."""
    helm = _tools.find("helm")
    if not helm:
        raise LoadError("Go templates need helm", "Install Helm.")
    with TemporaryDirectory(prefix="govscan-") as folder:
        (Path(folder) / "templates").mkdir()
        (Path(folder) / "Chart.yaml").write_text(_CHART, encoding="utf-8")
        (Path(folder) / "templates/texts.yaml").write_text(_TEXTS, encoding="utf-8")
        printed = _tools.run([helm, "template", "texts", ".", "--values", "-"], Path(folder), asked)
    return tuple(orjson.loads(line[2:]) for line in printed.splitlines() if line.startswith('- "'))
