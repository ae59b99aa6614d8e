"""Which manifests of a partition are read as they are, and which as a chart or a kustomization renders them.

Files that a chart or a kustomization uses reach a cluster only as it renders them, so they are not judged by
themselves. Where it cannot be rendered, its files are read after all, as far as they are no templates.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from scanner.errors import LoadError
from scanner.load import _gitops, _helm, _kustomize, _rendered, kubernetes_manifest
from scanner.load._files import Options, uri_of
from scanner.load._gitops import Overlay
from scanner.load._helm import Release
from scanner.load._kustomize_graph import Kustomizations
from scanner.load._rendered import Made
from scanner.load._tools import InputMissingError
from scanner.model import Document, Ledger, Origin
from scanner.model import Path as Pointer

_INCOMPLETE = {
    "helm_chart": "helm chart whose dependencies are not here, not rendered",
    "kustomization": "kustomization some of whose files are not here, not rendered",
}
_AT_ONCE = 4
_CLUSTER_SCOPED = frozenset({
    "Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume", "StorageClass",
    "PriorityClass", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "APIService", "IngressClass", "RuntimeClass", "CSIDriver", "GatewayClass",
    "ClusterIssuer", "ClusterSecretStore", "ClusterExternalSecret", "ClusterPolicy", "ClusterQueue", "ResourceFlavor",
    "WorkloadPriorityClass", "NodePool", "EC2NodeClass", "DeviceClass", "ClusterServingRuntime", "Node",
    "ClusterTrainingRuntime", "CiliumClusterwideNetworkPolicy",
})  # fmt: skip
"""Kinds that have no namespace, as far as they matter here; a controller's namespace is not given to them."""


class Installed(Struct, frozen=True):
    """Something to render, and the file and place that name it."""

    what: Release | Overlay
    uri: str
    pointer: Pointer = ()
    """Of the object that installs it, and the number of what that installs; empty where nobody installs it."""


class Rendering:
    """The charts and kustomizations among the files of one partition."""

    def __init__(self, files: Sequence[Path], options: Options, ledger: Ledger) -> None:
        self._options = options
        self._ledger = ledger
        charts = (chart_of(file.parent) for file in files) if _helm.available() else ()
        self._charts = dict.fromkeys(chart for chart in charts if chart)
        self._overlays = self._buildable(files)
        self._files = files
        self.left: list[Path] = []
        self._installed: list[Installed] = []
        self._used = {file: root for root, uses in self._overlays.items() for file in uses}

    def _buildable(self, files: Sequence[Path]) -> dict[Path, set[str]]:
        """The kustomizations to render, with the files that each uses; why others are not is counted."""
        if not _rendered.can_build():
            return {}
        patched = [named for file in files if (named := _kustomize.kustomization_of(file))]
        graph, found = Kustomizations([*files, *patched]), {}
        for root in graph.roots():
            if why := graph.hindrance(root):
                self._ledger.skipped[why] += 1
            else:
                found[root] = graph.uses(root)
        return found

    def takes(self, file: Path) -> bool:
        """Whether the file will be read as part of something that is rendered."""
        return self._owner(file) is not None

    def note(self, document: Document) -> None:
        """Look whether an object installs something from the same repository."""
        origin = document.origin
        for number, what in enumerate(_gitops.installs(document.body, self._options.base)):
            if _helm.available() if isinstance(what, Release) else _rendered.can_build():
                self._installed.append(Installed(what, origin.uri, (*origin.pointer, number)))

    def documents(self) -> Iterator[Document]:
        """What everything renders to; what cannot be rendered goes to the ledger, and its files to `left`."""
        plans = [*self._installed, *self._by_themselves()]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for first in range(0, len(plans), _AT_ONCE):  # a few at a time: their texts are large
                some = plans[first : first + _AT_ONCE]
                for plan, found in zip(some, pool.map(_tried, some), strict=True):
                    if isinstance(found, LoadError):
                        self._give_up(plan, found)
                    else:
                        self._ledger.files[source_of(plan.what)] += 1
                        yield from _documents(plan, found)

    def _by_themselves(self) -> Iterator[Installed]:
        """Charts and kustomizations that no controller in view installs."""
        taken = {folder_of(one.what) for one in self._installed}
        for chart in self._charts:
            if chart not in taken:
                for release in releases_of(chart, self._options):
                    yield Installed(release, self._uri(release.source))
        for root in self._overlays:
            if root not in taken:
                yield Installed(Overlay(root), self._uri(_rendered.file_in(root)))

    def _uri(self, path: Path) -> str:
        return uri_of(path, self._options.base)

    def _give_up(self, plan: Installed, error: LoadError) -> None:
        if isinstance(error, InputMissingError):
            self._ledger.skipped[_INCOMPLETE[source_of(plan.what)]] += 1
        else:
            self._ledger.problem("load", plan.uri, error.message, error.hint)
        self.left += [file for file in self._files if self._owner(file) == folder_of(plan.what)]

    def _owner(self, file: Path) -> Path | None:
        """The folder of the chart or kustomization that a file is read as part of."""
        chart = chart_of(file.parent)
        return chart if chart in self._charts else self._used.get(os.path.realpath(file))


def releases_of(chart: Path, options: Options) -> list[Release]:
    """How a chart is installed: as the configuration says, else as its folder tells."""
    told = [one for one in options.kubernetes.charts if one.folder == chart]
    return [_helm.chosen(one) for one in told] or _helm.releases(chart)


def source_of(what: Release | Overlay) -> str:
    """The loader that knows where in a file something stands."""
    return "helm_chart" if isinstance(what, Release) else "kustomization"


def made(what: Release | Overlay, *, again: bool = False) -> Iterable[Made]:
    """The objects of what is installed, in its namespace; raises `LoadError`."""
    if isinstance(what, Release):
        return _rendered.of_chart(what, again=again)
    return (_in_namespace(one, what) for one in _rendered.of_kustomization(what.folder, again=again))


def _in_namespace(one: Made, overlay: Overlay) -> Made:
    metadata = one.body.get("metadata")
    if not overlay.namespace or not isinstance(metadata, dict) or one.body.get("kind") in _CLUSTER_SCOPED:
        return one
    if metadata.get("namespace") and not overlay.everywhere:
        return one
    body = {**one.body, "metadata": {**metadata, "namespace": overlay.namespace}}
    return Made(one.number, body, one.source)


def _tried(plan: Installed) -> list[Made] | LoadError:
    try:
        return list(made(plan.what))
    except LoadError as error:
        return error


def _documents(plan: Installed, found: Iterable[Made]) -> Iterator[Document]:
    for one in found:
        if kubernetes_manifest.is_object(one.body):
            origin = Origin(plan.uri, source_of(plan.what), (*plan.pointer, one.number))
            yield from kubernetes_manifest.objects(one.body, origin, [])


def folder_of(what: Release | Overlay) -> Path:
    """Where the chart or the kustomization lies."""
    return what.chart if isinstance(what, Release) else what.folder


@lru_cache(maxsize=4096)
def chart_of(folder: Path) -> Path | None:
    """The outermost chart that files of a folder are part of."""
    return _helm.chart_of(folder / "any")
