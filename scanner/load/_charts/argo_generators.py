"""The parameters that the generators of an ApplicationSet make of a repository.

Clusters, pull requests and plugins are not in it: such a generator gives one set, most of which is not known.
Source: argo-cd `applicationset/generators/` (`list.go`, `git.go`, `matrix.go`, `merge.go`, and the selector of
`generator_spec_processor.go`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from msgspec import Struct

from scanner.bodies import at, items, mapping, text
from scanner.errors import LoadError
from scanner.load import _yaml
from scanner.load._charts.argo_templates import Given, Style, filled
from scanner.load._charts.gitops_places import file_inside, is_repository
from scanner.patterns import regex
from scanner.selectors import selects

_MOST = 500
_MOST_BYTES = 1024 * 1024
_NOBODY_KNOWS = Given({}, open=True)
_NOT_OF_A_NAME = regex(r"[^-a-z0-9.]")
_HINT = "Scan the folders by themselves."


class Site(Struct, frozen=True):
    """The repository that generators look into, and how their texts are filled in."""

    base: Path
    style: Style


def given_by(generator: Any, site: Site) -> list[Given]:
    """The sets of parameters of one generator, those that its selector wants; raises `LoadError`."""
    found = _unselected(mapping(generator), site)
    if len(found) > _MOST:
        raise LoadError(f"makes more than {_MOST} applications", _HINT)
    selector = mapping(generator).get("selector")
    return [one for one in found if not selector or one.open or selects(selector, _flat(one.known))]


def _unselected(generator: Mapping[str, Any], site: Site) -> list[Given]:
    if "list" in generator:
        return list(_of_list(mapping(generator["list"]), site))
    if "git" in generator:
        return _of_git(mapping(generator["git"]), site)
    if "matrix" in generator:
        return _of_matrix(items(at(generator, "matrix", "generators")), site)
    if "merge" in generator:
        return _of_merge(mapping(generator["merge"]), site)
    values = mapping(at(generator, "clusters", "values"))
    plain = {key: value for key, value in values.items() if "{{" not in text(value)}
    return [Given(_with_values({}, plain, site.style), open=True)]


def _of_list(body: Mapping[str, Any], site: Site) -> Iterator[Given]:
    elements = [*items(body.get("elements")), *items(_yaml_of(text(body.get("elementsYaml"))))]
    for element in map(mapping, elements):
        yield Given(dict(element) if site.style.go else _flat(element))


def _yaml_of(words: str) -> Any:
    return _yaml.value(next(iter(_yaml.pieces(words)))) if words.strip() else None


def _of_git(body: Mapping[str, Any], site: Site) -> list[Given]:
    """Folders or files of this repository; of another one nothing is known."""
    wanted = [mapping(one) for one in (*items(body.get("directories")), *items(body.get("files")))]
    patterns = [text(one.get("path")) for one in wanted]
    if not is_repository(text(body.get("repoURL")), site.base) or any("{{" in pattern for pattern in patterns):
        return [_NOBODY_KNOWS]
    matching = _folders if items(body.get("directories")) else _files
    excluded = [one.get("exclude") is True for one in wanted]
    found, without = (
        {path for pattern, out in zip(patterns, excluded, strict=True) if out is side
         for path in matching(site.base, pattern)} for side in (False, True)
    )  # fmt: skip
    prefix = text(body.get("pathParamPrefix"))
    inside = [path for path in sorted(found - without) if file_inside(site.base, site.base, path)]
    sets = [one for path in inside for one in _at_path(path, prefix, site)]
    values = filled(dict(mapping(body.get("values"))), sets, site.style)
    pairs = zip(sets, values, strict=True)
    return [Given(_with_values(one.known, more, site.style)) for one, more in pairs]


def _with_values(known: dict[str, Any], values: Mapping[str, Any], style: Style) -> dict[str, Any]:
    if not values:
        return known
    return {**known, **({"values": values} if style.go else {f"values.{key}": one for key, one in values.items()})}


def _folders(base: Path, pattern: str) -> Iterator[str]:
    """As Go's `path.Match` reads a pattern: a star stands for a part of one name."""
    if not pattern or _leads_out(pattern):
        return
    for path in base.glob(pattern.replace("**", "*").replace("[^", "[!")):
        names = path.relative_to(base).parts
        if path.is_dir() and not path.is_symlink() and not any(name.startswith(".") for name in names):
            yield "/".join(names)


def _leads_out(pattern: str) -> bool:
    return pattern.startswith("/") or ".." in pattern.split("/")


def _files(base: Path, pattern: str) -> Iterator[str]:
    """As `git ls-files` reads a pattern: a star stands for any part of a path. That is Argo CD's default."""
    if _leads_out(pattern):
        return
    first = pattern.split("*", maxsplit=1)[0].rpartition("/")[0]
    for folder, inner, names in os.walk(base / first):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for name in names:
            path = Path(folder, name).relative_to(base).as_posix()
            if fnmatchcase(path, pattern):
                yield path


def _at_path(path: str, prefix: str, site: Site) -> Iterator[Given]:
    """What a folder gives, or every set of parameters that a file holds."""
    file = site.base / path
    if file.is_dir():
        yield Given(_told(path, {}, prefix, site.style))
        return
    folder, _, name = path.rpartition("/")
    if file.stat().st_size > _MOST_BYTES:
        raise LoadError(f"takes parameters from {path}, which is too large", _HINT)
    body = _yaml_of(file.read_text(encoding="utf-8", errors="replace")) or {}
    for element in [body] if isinstance(body, dict) else items(body):
        own = mapping(element)
        known = dict(own) if site.style.go else _flat(own)
        names = {"filename": name, "filenameNormalized": _normalized(name)}
        yield Given({**known, **_told(folder or ".", names, prefix, site.style)})


def _told(folder: str, names: Mapping[str, str], prefix: str, style: Style) -> dict[str, Any]:
    """A path in all its forms."""
    last = folder.rpartition("/")[2]
    forms: dict[str, Any] = {"basename": last, "basenameNormalized": _normalized(last), **names}
    segments = folder.split("/")
    if style.go:
        told = {"path": {"path": folder, "segments": segments, **forms}}
        return {prefix: told} if prefix else told
    key = f"{prefix}.path" if prefix else "path"
    numbered = {f"{key}[{number}]": name for number, name in enumerate(segments)}
    return {key: folder, **{f"{key}.{form}": name for form, name in forms.items()}, **numbered}


def _normalized(name: str) -> str:
    return _NOT_OF_A_NAME.sub("-", name.lower())[:253].strip("-.")


def _of_matrix(generators: Sequence[Any], site: Site) -> list[Given]:
    """Every pair; a generator may name what those before it give, and those before it win."""
    found = [Given({})]
    for generator in generators:
        written = filled(generator, found, site.style, keep=True)
        found = [
            Given(deep(before.known, after.known), before.open or after.open)
            for before, own in zip(found, written, strict=True)
            for after in given_by(own, site)
        ]
        if len(found) > _MOST:
            raise LoadError(f"makes more than {_MOST} applications", _HINT)
    return found


def _of_merge(body: Mapping[str, Any], site: Site) -> list[Given]:
    """The sets of the first generator, with what later ones give for the same keys."""
    first, *later = [given_by(one, site) for one in items(body.get("generators"))] or [[]]
    if any(one.open for sets in (first, *later) for one in sets):
        return [_NOBODY_KNOWS]
    keys = [text(key) for key in items(body.get("mergeKeys"))]
    for sets in later:
        by_key = {_key(one, keys): one.known for one in sets}
        first = [Given(deep(by_key.get(_key(one, keys), {}), one.known)) for one in first]
    return first


def _key(given: Given, keys: Sequence[str]) -> tuple[str, ...]:
    flat = _flat(given.known)
    return tuple(text(flat.get(key)) for key in keys)


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """`{"a": {"b": [1]}}` as `{"a.b.0": "1"}`."""
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
    found: dict[str, Any] = {}
    for key, inner in pairs:
        name = f"{prefix}{key}"
        found.update(_flat(inner, f"{name}.") if isinstance(inner, dict | list) else {name: text(inner)})
    return found


def deep(winner: Any, loser: Any) -> Any:
    """Two values as one; what only one of them has is kept."""
    if not isinstance(winner, Mapping) or not isinstance(loser, Mapping):
        return winner
    both = {key: deep(winner[key], loser[key]) for key in loser if key in winner}
    return {**loser, **winner, **both}
