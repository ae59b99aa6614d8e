"""What Argo CD and Flux install from the repository that is scanned: a chart with these values, a kustomization, where.

Sources: the references of Argo CD's `Application` and `ApplicationSet`, of Flux's `HelmRelease` and `Kustomization`.
Paths in them are relative to the repository's root.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scanner.bodies import mapping
from scanner.errors import LoadError
from scanner.load import _gitops_flux
from scanner.load._argo_sets import applications
from scanner.load._gitops_argo import UNCLEAR, of_application
from scanner.load._gitops_things import Installable
from scanner.model import UnknownRead

_ARGO = "argoproj.io/"
_FLUX_HELM = "helm.toolkit.fluxcd.io/"
_FLUX_KUSTOMIZE = "kustomize.toolkit.fluxcd.io/"


def installs(body: Mapping[str, Any], base: Path) -> Iterator[Installable]:
    """What an object tells its controller to install from the repository at `base`; nothing for any other object."""
    kind, group = body.get("kind"), str(body.get("apiVersion"))
    if group.startswith(_ARGO) and kind == "Application":
        yield from of_application(body, base)
    elif group.startswith(_ARGO) and kind == "ApplicationSet":
        yield from _of_set(body, base)
    elif group.startswith(_FLUX_HELM) and kind == "HelmRelease":
        yield from _gitops_flux.of_release(body, base)
    elif group.startswith(_FLUX_KUSTOMIZE) and kind == "Kustomization":
        yield from _gitops_flux.of_kustomization(body, base)


def _of_set(body: Mapping[str, Any], base: Path) -> Iterator[Installable]:
    try:
        for application in applications(mapping(body.get("spec")), base):
            yield from of_application(application, base)
    except (LoadError, UnknownRead):
        yield UNCLEAR
