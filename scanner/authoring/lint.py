"""Everything that is wrong with packs, at once, each mistake with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner import checked_yaml, policy, trial
from scanner.authoring import constants, frameworks, reach
from scanner.checked_yaml import Mistake
from scanner.model import Path as BodyPath
from scanner.patterns import regex
from scanner.policy import Examined
from scanner.scan import vocabulary

_PARAMETER = regex(r"\bparams\s*\.\s*(\w+)")
_BRACE = regex(r"\{\{|\}\}|\{[^{}]+\}|([{}])")
"""What braces may be in a message; a brace alone is a mistake."""


def mistakes(packs: Sequence[Path]) -> list[Mistake]:
    """All mistakes of the packs, in the order of files and lines."""
    known = vocabulary()
    examined = [policy.examine(path, known) for pack in packs for path in policy.files(pack)]
    titles = frameworks.controls(packs)
    found = [
        *(mistake for pack in packs for mistake in _pack(pack)),
        *(mistake for one in examined for mistake in (*one.mistakes, *_policy(one, titles), *_cases(one))),
        *_twice(examined, packs),
    ]
    return sorted(set(found), key=lambda one: (one.file, one.line, one.column, one.message))


def _pack(pack: Path) -> Iterator[Mistake]:
    """What is wrong with the folder: its pack.yaml, and test files that belong to no policy."""
    about = pack / "pack.yaml"
    body, broken = checked_yaml.read(about)
    yield from broken or checked_yaml.check(about, body, policy.PACK_SCHEMA)
    yield from policy.strangers(pack)
    stems = {path.stem for path in policy.files(pack)}
    if not stems:
        yield Mistake(str(about), 1, 1, f"the pack has no policy; write one: govscan policy new ID --pack {pack}")
    for path in sorted(pack.glob("*.test.yaml")):
        name = path.name.removesuffix(".test.yaml")
        if name not in stems:
            guess = checked_yaml.nearest(name, stems)
            yield Mistake(str(path), 1, 1, f"tests a policy that is not there: {name}.yaml{guess}")


def _policy(one: Examined, titles: Mapping[str, str]) -> Iterator[Mistake]:
    for where, message in (*_controls(one, titles), *_parameters(one), *_holes(one)):
        yield checked_yaml.mistake(one.path, where, message)
    if one.policy:
        for where, message in (*reach.complaints(one.policy), *_idle(one)):
            yield checked_yaml.mistake(one.path, where, message)
        for where, offset, message in constants.complaints(one.policy):
            yield checked_yaml.mistake_inside(one.path, where, offset, message)


def _idle(one: Examined) -> Iterator[tuple[BodyPath, str]]:
    """Where no case brings parameters, the policy must be able to say something with its own."""
    cases = checked_yaml.read(one.path.with_suffix(".test.yaml"))[0]
    if one.policy and not any("params" in case for case in _list(cases) if isinstance(case, Mapping)):
        yield from reach.idle(one.policy)


def _controls(one: Examined, titles: Mapping[str, str]) -> Iterator[tuple[BodyPath, str]]:
    for number, control in enumerate(_list(one.body.get("controls"))):
        if isinstance(control, str) and "/" in control and control not in titles:
            guess = checked_yaml.nearest(control, titles)
            yield ("controls", number), f"no framework has the control '{control}'{guess}"


def _parameters(one: Examined) -> Iterator[tuple[BodyPath, str]]:
    params = one.body.get("params")
    read = set(_PARAMETER.findall("\n".join(_texts({**one.body, "params": None}))))
    for name in params if isinstance(params, Mapping) else ():
        if name not in read:
            yield ("params", name), f"no expression reads params.{name}"


def _holes(one: Examined) -> Iterator[tuple[BodyPath, str]]:
    for number, entry in enumerate(_list(one.body.get("validations"))):
        message = entry.get("message") if isinstance(entry, Mapping) else None
        alone = [found[1] for found in _BRACE.finditer(message)] if isinstance(message, str) else []
        if any(alone):
            told = "a brace stands alone: write {expression} for a hole, {{ and }} for braces"
            yield ("validations", number, "message"), told


def _cases(one: Examined) -> Iterator[Mistake]:
    """What is wrong with the test file: its schema, names, or that the policy is never seen to pass or to fail."""
    tests = one.path.with_suffix(".test.yaml")
    if not tests.is_file():
        yield Mistake(str(one.path), 1, 1, f"has no cases: write {tests.name}")
        return
    yield from trial.mistakes(one.path)
    body, _ = checked_yaml.read(tests)
    cases = [(number, case) for number, case in enumerate(_list(body)) if isinstance(case, Mapping)]
    for verdict in ("pass", "fail"):
        if cases and verdict not in {case.get("expect") for _, case in cases}:
            yield Mistake(str(tests), 1, 1, f"no case expects {verdict}")
    names = [case.get("name") for _, case in cases]
    for at, (number, case) in enumerate(cases):
        if case.get("name") in names[:at]:
            yield checked_yaml.mistake(tests, (number, "name"), f"another case is called '{names[at]}'")


def _twice(examined: Sequence[Examined], packs: Sequence[Path]) -> Iterator[Mistake]:
    """Names that two policies claim, those of shipped packs included: one day both will be asked in one scan."""
    owner = {name: path for path, name, _ in _claims(_beside(packs))}
    own = [(one.path, one.body) for one in examined]
    for path, name, where in _claims(own):
        other = owner.setdefault(name, path)
        if other != path:
            yield checked_yaml.mistake(path, where, f"the name '{name}' is taken by {other}")
    for path, body in own:
        aliases = _list(body.get("aliases"))
        if body.get("id") in aliases:
            yield checked_yaml.mistake(path, ("aliases", aliases.index(body["id"])), "is the policy's own id")


def _beside(packs: Sequence[Path]) -> list[tuple[Path, Mapping[str, Any]]]:
    """The shipped policies that are not looked at themselves."""
    own = {pack.resolve() for pack in packs}
    others = [pack for pack in policy.packs(policy.shipped()) if pack.resolve() not in own]
    return [(path, checked_yaml.read(path)[0]) for pack in others for path in policy.files(pack)]


def _claims(bodies: Sequence[tuple[Path, Mapping[str, Any]]]) -> Iterator[tuple[Path, str, BodyPath]]:
    for path, body in bodies:
        yield path, str(body.get("id", path.stem)), ("id",)
        for number, alias in enumerate(_list(body.get("aliases"))):
            if alias != body.get("id"):
                yield path, str(alias), ("aliases", number)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, Mapping) else _list(value):
        yield from _texts(inner)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
