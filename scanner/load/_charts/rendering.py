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
from msgspec.structs import replace

from scanner.errors import HOSTILE_SHAPE, LoadError
from scanner.load import kubernetes_manifest
from scanner.load._charts import flux_variables, gitops, gitops_values, kustomize
from scanner.load._charts import helm as _helm
from scanner.load._charts import made as _rendered
from scanner.load._charts.gitops_things import Awaiting, Folder, Overlay, Unclear
from scanner.load._charts.helm import Release
from scanner.load._charts.kustomize_graph import Kustomizations
from scanner.load._charts.made import Made
from scanner.load._charts.tools import InputMissingError
from scanner.load._files import File, Options, Skip, boundary, read, real, uri_of
from scanner.model import Document, Ledger, Origin, Unknown
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


_SETTLED: dict[Awaiting, Release | Overlay] = {}
"""What was rendered in this process for what awaited ConfigMaps: positions are looked up in it."""


class Installed(Struct, frozen=True):
    """Something to render, and the file and place that name it."""

    what: Release | Overlay | Awaiting
    uri: str
    pointer: Pointer = ()
    """Of the object that installs it, and the number of what that installs; empty where nobody installs it."""
    within: frozenset[Path] = frozenset()
    """The folders of what this was found in, so that nothing installs itself."""


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
        self._waiting: list[Installed] = []
        self._folders: list[Folder] = []
        self._maps = gitops_values.Maps()
        self._taken: set[Path] = set()
        self._used = {file: root for root, uses in self._overlays.items() for file in uses}

    def _buildable(self, files: Sequence[Path]) -> dict[Path, set[str]]:
        """The kustomizations to render, with the files that each uses; why others are not is counted."""
        if not _rendered.can_build():
            return {}
        patched = [named for file in files if (named := kustomize.kustomization_of(file))]
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

    def note(self, document: Document, plan: Installed | None = None) -> None:
        """Look whether an object installs something from the same repository; `plan` is what it was rendered for."""
        origin = document.origin
        within = plan.within | {folder_of(plan.what)} if plan else frozenset()
        for number, what in enumerate(gitops.installs(document.body, self._options.base)):
            if isinstance(what, Unclear):
                self._ledger.skipped[what.why] += 1
            elif isinstance(what, Folder):
                self._folders.append(what)
            elif folder_of(what) not in within and _can_render(what):
                self._waiting.append(Installed(what, origin.uri, (*origin.pointer, number), within))
        self.keep(document)

    def foresee(self, files: Iterable[Path | File]) -> None:
        """Look at what controllers install before anything else is read: it decides where plain manifests go."""
        for file in files:
            try:
                found = read(file, self._options) if isinstance(file, Path) else file
                if kubernetes_manifest.names_installer(found.data):
                    for document in kubernetes_manifest.documents(found, Ledger()):
                        self.note(document)
            except (LoadError, Skip, *HOSTILE_SHAPE):
                continue  # whoever reads it for its own sake tells

    def keep(self, document: Document) -> None:
        """Remember what others may take values from."""
        if document.body.get("kind") == "ConfigMap":
            self._maps.add(document.body)

    def placed(self, document: Document) -> Document:
        """A plain manifest as the one controller that installs its folder applies it."""
        origin = document.origin
        if not self._folders:
            return document
        file = Path(os.path.realpath(self._options.base / origin.uri))
        holding = {replace(one, folder=Path(), deep=False) for one in self._folders if one.holds(file)}
        if len(holding) != 1:
            return document
        (how,), body = holding, document.body
        if how.variables:
            body = flux_variables.replaced(body, flux_variables.read(how.variables))
        body = _in_namespace(Made(0, body, file), how.namespace, everywhere=how.everywhere).body
        if body is document.body:
            return document
        return next(kubernetes_manifest.objects(body, replace(origin, address=""), []))

    def documents(self) -> Iterator[Document]:
        """What everything renders to; what cannot be rendered goes to the ledger, and its files to `left`."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for plans in self._rounds():
                for first in range(0, len(plans), _AT_ONCE):  # a few at a time: their texts are large
                    some = plans[first : first + _AT_ONCE]
                    for plan, found in zip(some, pool.map(self._tried, some), strict=True):
                        yield from self._rendered(plan, found)

    def _tried(self, plan: Installed) -> list[Made] | LoadError:
        what = _bare(plan.what)
        if isinstance(what, Release) and _helm.leads_out(what.chart, boundary(real(what.chart), self._options)):
            return LoadError("has links that lead out of the repository", "Put the files themselves in their place.")
        try:
            return list(made(what))
        except LoadError as error:
            return error

    def _rendered(self, plan: Installed, found: list[Made] | LoadError) -> Iterator[Document]:
        if isinstance(found, LoadError):
            self._give_up(plan, found)
            return
        self._ledger.files[source_of(plan.what)] += 1
        for document in _documents(plan, found):
            self.note(document, plan)
            yield document

    def _rounds(self) -> Iterator[list[Installed]]:
        """What controllers install, which may be more for controllers; then what no controller does."""
        yield from self._new()
        told = [root for root, uses in self._overlays.items() if any(map(_may_install, uses))]
        yield [Installed(Overlay(root), self._uri(_rendered.file_in(root))) for root in told if root not in self._taken]
        yield from self._new()
        self._taken |= set(told)
        yield list(self._by_themselves())
        yield from self._new()

    def _new(self) -> Iterator[list[Installed]]:
        while self._waiting:
            some, self._waiting = self._waiting, []
            self._taken |= {folder_of(one.what) for one in some}
            yield [replace(one, what=self._settled(one.what)) for one in some]

    def _settled(self, what: Release | Overlay | Awaiting) -> Release | Overlay:
        if not isinstance(what, Awaiting):
            return what
        _SETTLED[what], complete = gitops_values.settled(what, self._maps)
        self._ledger.skipped.update([] if complete else [gitops_values.MISSING])
        return _SETTLED[what]

    def _by_themselves(self) -> Iterator[Installed]:
        """Charts and kustomizations that no controller in view installs."""
        for chart in self._charts:
            if chart not in self._taken:
                for release in releases_of(chart, self._options):
                    yield Installed(release, self._uri(release.source))
        for root in self._overlays:
            if root not in self._taken:
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


def source_of(what: Release | Overlay | Awaiting) -> str:
    """The loader that knows where in a file something stands."""
    return "helm_chart" if isinstance(_bare(what), Release) else "kustomization"


def settled(what: Awaiting) -> Release | Overlay:
    """As it was rendered in this process, which is told by nobody else any more."""
    return _SETTLED.get(what, what.what)


def made(what: Release | Overlay, *, again: bool = False) -> Iterable[Made]:
    """The objects of what is installed, in its namespace; raises `LoadError`."""
    if isinstance(what, Release):
        return (_in_namespace(one, what.namespace) for one in _rendered.of_chart(what, again=again))
    found = _rendered.of_kustomization(what, again=again)
    return (_in_namespace(one, what.namespace, everywhere=what.everywhere) for one in found)


def _in_namespace(one: Made, namespace: str, *, everywhere: bool = False) -> Made:
    """Where a controller puts an object that names no namespace, as Helm does; `everywhere` those that do as well."""
    metadata = one.body.get("metadata")
    if not namespace or not isinstance(metadata, dict) or one.body.get("kind") in _CLUSTER_SCOPED:
        return one
    written = metadata.get("namespace")
    if not everywhere and (isinstance(written, Unknown) or written):
        return one
    body = {**one.body, "metadata": {**metadata, "namespace": namespace}}
    return Made(one.number, body, one.source)


def _may_install(file: str) -> bool:
    """Whether the file may hold an object for Argo CD or Flux."""
    try:
        return kubernetes_manifest.names_installer(Path(file).read_bytes())
    except OSError:
        return False


def _documents(plan: Installed, found: Iterable[Made]) -> Iterator[Document]:
    for one in found:
        if kubernetes_manifest.is_object(one.body):
            origin = Origin(plan.uri, source_of(plan.what), (*plan.pointer, one.number))
            yield from kubernetes_manifest.objects(one.body, origin, [])


def _can_render(what: Release | Overlay | Awaiting) -> bool:
    return _helm.available() if isinstance(_bare(what), Release) else _rendered.can_build()


def _bare(what: Release | Overlay | Awaiting) -> Release | Overlay:
    return what.what if isinstance(what, Awaiting) else what


def folder_of(what: Release | Overlay | Awaiting) -> Path:
    """Where the chart or the kustomization lies."""
    what = _bare(what)
    return what.chart if isinstance(what, Release) else what.folder


@lru_cache(maxsize=4096)
def chart_of(folder: Path) -> Path | None:
    """The outermost chart that files of a folder are part of."""
    return _helm.chart_of(folder / "any")
