"""One checked policy body -> one compiled `Policy`; mistakes are collected, not raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from scanner import cel, checked_yaml
from scanner.checked_yaml import Mistake
from scanner.errors import PolicyError
from scanner.model import Aggregate, Match, Policy, Program, Severity, Validation, Verdict
from scanner.model import Path as BodyPath
from scanner.patterns import regex
from scanner.policy import _variables
from scanner.policy._deferred import Deferred
from scanner.policy._variables import Vocabulary
from scanner.policy.memory import Expressions, Memory


class Compile(Protocol):
    """Compiles one expression of a policy file."""

    def __call__(self, text: str, where: BodyPath, wanted: AbstractSet[str], start: int = 0) -> Program | None:
        """The program, which must have one of the `wanted` types (none for any).

        `where` is the value it stands in, `start` its first character in there. None after a complaint.
        """


_BOOL, _ANY = frozenset({"bool"}), frozenset[str]()
_NUMBERS = frozenset({"int", "uint", "double", "dyn"})
_MEASURES = {"sum": _NUMBERS, "min": _NUMBERS, "max": _NUMBERS, "distinct": _NUMBERS | {"string", "bool"}}
"""What each measure can be taken of. `group_by` takes what `distinct` does."""
_HOLE = regex(r"\{\{|\}\}|\{([^{}]+)\}")


def build(  # noqa: PLR0913, PLR0917  # one file, what it may name and what is known of it, and where to complain
    path: Path,
    body: Mapping[str, Any],
    vocabulary: Vocabulary,
    params: Mapping[str, Any],
    mistakes: list[Mistake],
    memory: Memory,
    *,
    trusted: bool,
) -> Policy | None:
    """Compile a policy. None, with the reasons added to `mistakes`, where anything in it is wrong.

    The expressions of a trusted policy are taken to be right, and compiled when they are first asked.
    """
    before = len(mistakes)
    match = body["match"]
    patterns = match.get("types", ["*"])
    groups = body.get("group_by", {})
    of_resource, of_group = _compilers(path, patterns, groups, params, vocabulary, mistakes, memory)
    if trusted:
        of_resource, of_group = _later(of_resource), _later(of_group)
    else:
        mistakes += _unknown_types(path, patterns, vocabulary)
    if groups and "changes" in match:
        told = "is not for policies with group_by: nothing that a plan destroys is in a sum"
        mistakes.append(checked_yaml.mistake(path, ("match", "changes"), told))
    when = body.get("when")
    policy = Policy(
        id=body["id"],
        title=body["title"],
        severity=Severity(body["severity"]),
        family=body["family"],
        pack=path.parent.name,
        match=_match(match, patterns, of_resource),
        when=of_resource(when, ("when",), _BOOL) if when else None,
        validations=tuple(_validations(body, of_group)),
        aggregate=_aggregate(body, of_resource) if groups else None,
        rationale=body["rationale"].strip(),
        remediation=body["remediation"].strip(),
        controls=tuple(body["controls"]),
        params=params,
        on_unknown=Verdict(body.get("on_unknown", "unknown")),
        aliases=tuple(body.get("aliases", ())),
        deprecated=body.get("deprecated", ""),
        path=str(path),
    )
    return policy if len(mistakes) == before else None


def _unknown_types(path: Path, patterns: Sequence[str], vocabulary: Vocabulary) -> Iterator[Mistake]:
    for index, pattern in enumerate(patterns):
        if pattern != "other" and not _variables.matching(vocabulary, [pattern]):
            guess = checked_yaml.nearest(pattern, vocabulary.types)
            yield checked_yaml.mistake(path, ("match", "types", index), f"no canonical type is '{pattern}'{guess}")


def _compilers(  # noqa: PLR0913, PLR0917  # what the two kinds of expressions may name
    path: Path,
    patterns: Sequence[str],
    groups: Mapping[str, Any],
    params: Mapping[str, Any],
    vocabulary: Vocabulary,
    mistakes: list[Mistake],
    memory: Memory,
) -> tuple[Compile, Compile]:
    """For expressions about a resource, and for those about a group; the same where there are no groups."""
    of_resource = _compiler(
        path,
        lambda: _variables.for_resource(vocabulary, patterns, params),
        mistakes,
        memory.about(path, "resource"),
        lambda name: _variables.partly_there(vocabulary, patterns, name),
    )
    if not groups:
        return of_resource, of_resource
    known = memory.about(path, "group")
    return of_resource, _compiler(path, lambda: _variables.for_groups(groups, params), mistakes, known, _of_one)


def _of_one(name: str) -> str:
    """What to say about a name that only an expression about one resource may use."""
    if name.partition(".")[0] not in {"resource", "facts"}:
        return ""
    return f"'{name}' is of one resource; where there is group_by, this sees measured, group.<name> and params"


def _compiler(
    path: Path,
    variables: Callable[[], Mapping[str, str]],
    mistakes: list[Mistake],
    memory: Expressions,
    hint: Callable[[str], str] = lambda _: "",
) -> Compile:
    """`hint` may know more about a name that is not declared."""
    environment = cache(lambda: cel.Environment(variables()))

    def compile_one(text: str, where: BodyPath, wanted: AbstractSet[str], start: int = 0) -> Program | None:
        try:
            program = memory.program(text, lambda: environment().compile(text))
        except cel.CelError as error:
            from scanner.policy._complaints import complaints  # noqa: PLC0415  # only a mistake needs it

            for offset, told in complaints(error.mistakes, text, variables(), hint):
                mistakes.append(checked_yaml.mistake_inside(path, where, start + offset, told))
            return None
        if wanted and program.result_type not in {*wanted, "dyn"}:
            told = f"is {program.result_type}, must be {' or '.join(sorted(wanted - {'dyn'}))}: {text}"
            mistakes.append(checked_yaml.mistake(path, where, told))
        return program

    return compile_one


def _later(compile_one: Compile) -> Compile:
    """As `compile_one`, but only when the program is first asked."""

    def compile_later(text: str, where: BodyPath, wanted: AbstractSet[str], start: int = 0) -> Program:
        def compile_now() -> Program:
            program = compile_one(text, where, wanted, start)
            if program is None:
                raise PolicyError(f"A shipped policy cannot be compiled: {text}", "Install govscan again.")
            return program

        return Deferred(text, compile_now)

    return compile_later


def _match(match: Mapping[str, Any], types: Sequence[str], compile_one: Compile) -> Match:
    where = match.get("where")
    return Match(
        types=tuple(types),
        native_types=tuple(match.get("native_types", ())),
        sources=tuple(match.get("sources", ())),
        changes=tuple(match.get("changes", ())),
        where=compile_one(where, ("match", "where"), _BOOL) if where else None,
    )


def _validations(body: Mapping[str, Any], compile_one: Compile) -> Iterator[Validation]:
    for index, entry in enumerate(body["validations"]):
        where: BodyPath = ("validations", index)
        program = compile_one(entry["expression"], (*where, "expression"), _BOOL)
        parts = tuple(_message(entry["message"], (*where, "message"), compile_one))
        if program and None not in parts:
            yield Validation(program, entry["message"], tuple(part for part in parts if part is not None))


def _message(text: str, where: BodyPath, compile_one: Compile) -> Iterator[str | Program | None]:
    """Plain text and programs, in order. `{{` and `}}` are literal braces."""
    end = 0
    for found in _HOLE.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        yield compile_one(found.group(1), where, _ANY, found.start(1)) if found.group(1) else found.group()[0]
    yield text[end:]


def _aggregate(body: Mapping[str, Any], compile_one: Compile) -> Aggregate:
    operator, measure = next(iter(body["measure"].items()))
    compiled = {
        name: compile_one(text, ("group_by", name), _MEASURES["distinct"]) for name, text in body["group_by"].items()
    }
    return Aggregate(
        group_by={name: program for name, program in compiled.items() if program},
        operator=operator,
        measure=None if operator == "count" else compile_one(measure, ("measure", operator), _MEASURES[operator]),
    )
