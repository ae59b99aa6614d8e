"""What Argo CD and Flux install from the repository that is scanned: a chart with these values, a kustomization, where.

Sources: the references of Argo CD's `Application` and `ApplicationSet`, of Flux's `HelmRelease` and `Kustomization`.
Paths in them are relative to the repository's root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.bodies import mapping
from scanner.errors import LoadError
from scanner.load._charts import gitops_flux
from scanner.load._charts.argo_sets import applications
from scanner.load._charts.gitops_argo import of_application
from scanner.load._charts.gitops_things import UNCLEAR, Installable
from scanner.model import UnknownRead


def installs(body: Mapping[str, Any], base: Path) -> Iterator[Installable]:
    """What an object tells its controller to install from the repository at `base`; nothing for any other object."""
    reader = _READERS.get((body.get("kind"), str(body.get("apiVersion")).partition("/")[0]))
    if not reader:
        return
    try:
        yield from reader(body, base)
    except (LoadError, UnknownRead):
        yield UNCLEAR


def _of_set(body: Mapping[str, Any], base: Path) -> Iterator[Installable]:
    for application in applications(mapping(body.get("spec")), base):
        yield from of_application(application, base)


_READERS: dict[tuple[Any, str], Callable[[Mapping[str, Any], Path], Iterator[Installable]]] = {
    ("Application", "argoproj.io"): of_application,
    ("ApplicationSet", "argoproj.io"): _of_set,
    ("HelmRelease", "helm.toolkit.fluxcd.io"): gitops_flux.of_release,
    ("Kustomization", "kustomize.toolkit.fluxcd.io"): gitops_flux.of_kustomization,
}
