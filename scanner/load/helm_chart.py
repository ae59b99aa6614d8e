"""Charts, as `helm template` renders them with the user's own Helm.

`_charts/rendering` reads them; here is where in a chart something stands: on the line of the template, or of the values
file where a template only passes a value on, or else at the chart's own file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from scanner.bodies import written
from scanner.load import _yaml_places
from scanner.load._charts import helm, pairs
from scanner.load._charts.helm import Release
from scanner.load._charts.made import Made
from scanner.load._charts.pairs import Found
from scanner.load._files import File, Options, read
from scanner.load._text import Place, Text
from scanner.model import Citation, Path
from scanner.patterns import regex

DIALECT = "kubernetes"

_VALUE = regex(r"\.Values((?:\.[A-Za-z_][\w-]*)+)")
_WHOLE = regex(r"\{\{-?\s*toYaml\s+(?:\(?\s*\.Values((?:\.[A-Za-z_][\w-]*)+)|\.\s)")
_WITH = regex(r"\{\{-?\s*with\s+\.Values((?:\.[A-Za-z_][\w-]*)+)\s*-?\}\}")
_SUBCHARTS = "charts"


def places(file: Callable[[], File], citations: Sequence[Citation], options: Options) -> Iterator[Place | None]:
    """Where each citation is written, all of them in one release."""
    from scanner.load._charts import again as rendered_again  # noqa: PLC0415  # only what has findings is rendered twice

    return rendered_again.places(file, citations, options, Release, _place)


def _place(made: Made, path: Path, release: Release, options: Options) -> Place | None:
    template = read(made.source, options)
    text = Text(template.uri, template.text)
    if made.source == release.source:
        return text.head(0, len(text.text))
    lines = text.text.split("\n")
    first, last = _document(lines, made.body)
    found = pairs.find(lines, first, last, path, made.body)
    if found and (told := _told_by_values(lines, found, path, made, release)):
        return _in_values(*told, options)
    line = found.line if found else next((n for n in range(first, last) if lines[n].startswith("kind:")), first)
    start = text.line_start(line + 1)
    indent = len(lines[line]) - len(lines[line].lstrip(" -"))
    return text.head(start + indent, start + len(lines[line]))


def _document(lines: Sequence[str], body: Mapping[str, Any]) -> tuple[int, int]:
    """The lines of the one document in a template that an object was made from; all lines where that is not sure."""
    marks = [number for number, line in enumerate(lines) if line.startswith("---")]
    bounds = list(zip([0, *marks], [*marks, len(lines)], strict=True))
    kind = [one for one in bounds if pairs.find(lines, *one, ("kind",), body)]
    named = [one for one in kind if (f := pairs.find(lines, *one, ("metadata", "name"), body)) and f.depth > 1]
    return named[0] if len(named) == 1 else kind[0] if len(kind) == 1 else (0, len(lines))


def _told_by_values(
    lines: Sequence[str], found: Found, path: Path, made: Made, release: Release
) -> tuple[FilePath, Path] | None:
    """The values file and the path in it that a template passes on; None where the template decides by itself."""
    rest = path[found.depth :]
    named = _passed_on(found.value) if not rest else _passed_whole(lines, found)
    if not named:
        return None
    wanted = (*named, *rest)
    for file, body, prefix in _values(made.source, release):
        inside = (*prefix, *named)
        if written(body, inside) == inside:
            return file, (*prefix, *wanted)
    return None


def _passed_on(value: str) -> Path:
    """`.Values.a.b` as a path, where it is the only value in an expression and nothing stands around it."""
    names = _VALUE.findall(value)
    alone = value.strip().strip("\"'").startswith("{{") and value.count("{{") == 1
    return tuple(names[0].strip(".").split(".")) if alone and len(names) == 1 else ()


def _passed_whole(lines: Sequence[str], found: Found) -> Path:
    """`toYaml .Values.a.b` below a key (or `toYaml .` within `with .Values.a.b`) as a path."""
    below = "\n".join([found.value, *lines[found.block[0] : found.block[1]]])
    named = list(_WHOLE.finditer(below))
    if len(named) != 1:
        return ()
    if named[0][1]:
        return tuple(named[0][1].strip(".").split("."))
    # The scope of `toYaml .` begins just above the key, or between the key and itself.
    around = lines[max(0, found.line - 2) : found.block[1]]
    scopes = [scope for line in around if (scope := _WITH.search(line))]
    return tuple(scopes[0][1].strip(".").split(".")) if len(scopes) == 1 else ()


def _values(template: FilePath, release: Release) -> Iterator[tuple[FilePath, Mapping[Any, Any], Path]]:
    """Each values file that a template sees, with the path at which its own values begin there; the winner first."""
    parts = template.relative_to(release.chart).parts
    chain = tuple(parts[index + 1] for index, part in enumerate(parts[:-1]) if part == _SUBCHARTS)
    for file, body in helm.values_of(release):
        yield file, body, chain
    if chain:
        folder = release.chart.joinpath(*(step for name in chain for step in (_SUBCHARTS, name)))
        for file, body in helm.values_of(Release(folder, folder.name)):
            yield file, body, ()


def _in_values(file: FilePath, path: Path, options: Options) -> Place | None:
    values = read(file, options)
    return _yaml_places.places(Text(values.uri, values.text), [(0, *path)])[0]
