"""Helm charts: which folder is one, with which values it is installed, and what `helm template` makes of it.

The namespace and often the name of a release are chosen when somebody installs it. A name matters little; a namespace
decides about meshes and quotas, so a stand-in is given to Helm and taken out again of what it renders: an object in
that namespace names none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ryaml
from msgspec import Struct

from scanner.load._charts import tools
from scanner.load._choices import Chart
from scanner.patterns import regex

CHART = "Chart.yaml"
UNNAMED = "govscan-no-namespace"
"""Stands for the namespace that nobody named. Namespaces have at most 63 such characters, so it is a valid one."""

_PARTS = ("templates", "crds", "charts")
_ENVIRONMENTS = ("values-*.yaml", "values.*.yaml", "*-values.yaml", "*.values.yaml", "values/*.yaml", "envs/*.yaml")
"""Where people keep the values of each environment, beside the chart's defaults."""

_CHANCE = regex(
    r"\b(?:rand(?:AlphaNum|Alpha|Ascii|Numeric|Bytes|Int)|gen(?:CA|PrivateKey|SelfSignedCert|SignedCert)\w*|uuidv4"
    r"|shuffle|now|htpasswd|bcrypt)\b"
)
"""Functions of Sprig and Helm whose answer is another one each time."""

_MOST_BYTES = 4 * 1024 * 1024


class Release(Struct, frozen=True):
    """A chart as it is installed."""

    chart: Path
    name: str
    namespace: str = ""
    """Empty where that is not known."""
    values: tuple[Path, ...] = ()
    """Files, of which later ones win; the chart's own `values.yaml` goes without saying."""
    inline: str = ""
    """Values that were written in place, as YAML; they win over files."""
    settings: tuple[str, ...] = ()
    """Single values, `path=value`; they win over all others."""
    strings: tuple[str, ...] = ()
    """Likewise, but the value is text whatever it looks like."""

    @property
    def source(self) -> Path:
        """The file to name it by: what sets it apart from other installations of the chart."""
        return self.values[-1] if self.values else self.chart / CHART


def available() -> bool:
    """Whether the user has Helm."""
    return bool(tools.find("helm"))


def chart_of(path: Path) -> Path | None:
    """The outermost chart that a file is part of."""
    found = [folder for folder in path.absolute().parents if (folder / CHART).is_file()]
    return next((folder for folder in reversed(found) if _is_inside(path.absolute(), folder)), None)


def _is_inside(path: Path, chart: Path) -> bool:
    """Whether a file counts for a chart: it lies at its top, or in one of the folders that Helm reads."""
    inside = path.relative_to(chart)
    return len(inside.parts) == 1 or inside.parts[0] in {*_PARTS, "values", "envs"}


def releases(chart: Path) -> list[Release]:
    """How a chart is installed, as far as its folder tells: with each environment's values, else by its defaults."""
    if _loaded(chart / CHART).get("type") == "library":
        return []
    name = called(chart)
    found = sorted({path for pattern in _ENVIRONMENTS for path in chart.glob(pattern) if path.is_file()})
    return [Release(chart, name, values=(path,)) for path in found] or [Release(chart, name)]


def chosen(chart: Chart) -> Release:
    """A chart as somebody says that it is installed."""
    return Release(chart.folder, chart.release or called(chart.folder), chart.namespace, chart.values)


def called(chart: Path) -> str:
    """The name that a chart gives itself."""
    name = _loaded(chart / CHART).get("name")
    return name if isinstance(name, str) and name else chart.name


def render(release: Release) -> str:
    """The manifests that installing a release would apply; raises `LoadError`. Needs Helm, see `available`."""
    return tools.run([tools.find("helm"), *_arguments(release)], release.chart, release.inline)


def _arguments(release: Release) -> Iterator[str]:
    # `--skip-tests`: a test is run by hand and stands nowhere.
    yield from ("template", _release_name(release.name), ".", "--include-crds", "--skip-tests")
    yield from ("--namespace", release.namespace or UNNAMED)
    for path in release.values:
        yield from ("--values", str(path))
    if release.inline:
        yield from ("--values", "-")
    for setting in release.settings:
        yield from ("--set", setting)
    for setting in release.strings:
        yield from ("--set-string", setting)


def _release_name(name: str) -> str:
    """As Helm accepts it: 53 characters of a DNS name at most."""
    kept = "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in name.lower())
    return kept.strip("-")[:53].strip("-") or "release"


def makes_things_up(chart: Path) -> bool:
    """Whether templates ask for chance or the time, so that each rendering differs; a packed subchart may."""
    if any(chart.glob("charts/*.tgz")):
        return True
    for file in sorted(
        path for pattern in ("*.yaml", "*.yml", "*.tpl") for path in chart.glob(f"**/templates/**/{pattern}")
    ):
        try:
            if _CHANCE.search(file.read_text(encoding="utf-8", errors="replace")):
                return True
        except OSError:
            continue
    return False


def leads_out(chart: Path, root: Path) -> bool:
    """Whether links of a chart lead out of a folder. Helm follows them, and its templates may show what is there."""
    top, seen, waiting = os.path.realpath(root), set[str](), [chart]
    while waiting:
        for path in waiting.pop().iterdir():
            real = os.path.realpath(path)
            if path.is_symlink() and not Path(real).is_relative_to(top):
                return True
            if real not in seen and path.is_dir():
                seen.add(real)
                waiting.append(path)
    return False


def values_of(release: Release) -> Sequence[tuple[Path, Mapping[Any, Any]]]:
    """Every values file of a release with what it holds, the one that wins first."""
    files = [*reversed(release.values), release.chart / "values.yaml"]
    return [(path, _loaded(path)) for path in files if path.is_file()]


def _loaded(path: Path) -> Mapping[Any, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}
        value = ryaml.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
