"""What the files show of the mesh itself: its root namespace, its namespaces, and whether its settings are in view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from msgspec import Struct, field

from scanner.analyze._guard import guarded
from scanner.analyze._mesh.bypass import INTERCEPTION, Defaults
from scanner.analyze._mesh.injector import PORTS, REVISION_LABEL, Injector, Redirected, Setup, chosen, injector, setups
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, items, mapping, text, written
from scanner.istio_settings import DEFAULT_ROOT, HOLDERS, OPERATOR, declared_root, mesh_configs
from scanner.model import Citation, Inventory, Resource, Unknown, UnknownRead
from scanner.selectors import selects

SIDECAR_LABEL = "sidecar.istio.io/inject"
AMBIENT_LABEL = "istio.io/dataplane-mode"
NAMESPACE_LABEL = "istio-injection"
INJECTION_LABELS = frozenset({SIDECAR_LABEL, REVISION_LABEL, AMBIENT_LABEL, NAMESPACE_LABEL})

_NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server gives to every namespace."""

_INJECTOR = "admissionregistration.k8s.io/MutatingWebhookConfiguration"

_SEVERAL = Unknown("the control planes in view lead inbound traffic to sidecars each in a way of its own")
_OF_INSTALLATION = {"mesh.peer_authentication": "", "kubernetes.config_map": "istio", "workload": "istiod"}
"""Types in the root namespace that show how the mesh is set up, and what their names begin with."""


class MeshView(Struct):
    """The mesh as one partition shows it."""

    root: str = DEFAULT_ROOT
    has_istio: bool = False
    """Anything at all speaks of Istio: its objects, its namespace, an injection label."""
    shows_settings: bool = False
    """The mesh's own installation is in view, so that a setting that is not in view surely is not there."""
    namespaces: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Labels of each Namespace, once for every object that declares it; overlays often disagree."""
    injectors: dict[str, Injector] = field(default_factory=dict)
    """The injectors in view by the revisions and tags that they serve."""
    setups: dict[str, list[Setup]] = field(default_factory=dict)
    """Their configuration by revision, once for every object that tells it."""
    interceptions: dict[str, Citation] = field(default_factory=dict)
    """How sidecars come by their traffic (`REDIRECT`, `NONE` ...) unless a pod says otherwise, and where it is said."""
    discovery: list[Sequence[Any]] = field(default_factory=list)
    """Selectors of the namespaces that a control plane looks into, once for each MeshConfig; none means all."""
    declared_by: dict[str, Resource] = field(default_factory=dict)
    """The Namespace object to cite for each namespace."""

    def setup_of(self, revision: str) -> Setup:
        """How the injector that serves a revision or tag is configured."""
        served = self.injectors[revision].revision if revision in self.injectors else revision
        return chosen(self.setups.get(served, []), served)

    def defaults(self) -> Defaults:
        """What the installation says of inbound traffic; raises `UnknownRead` where it says several things."""
        told = list({self.setup_of(revision).redirected: None for revision in self.setups})
        if len(told) > 1 or len(self.interceptions) > 1:
            raise UnknownRead(_SEVERAL)
        places = {setting: place for setting in PORTS if (place := self.place_of(setting))}
        mode = next(iter(self.interceptions), "")
        places |= {INTERCEPTION: self.interceptions[mode]} if mode else {}
        return Defaults(mode, told[0] if told else Redirected(), places)

    def looks_into(self, namespace: str) -> bool | None:
        """Whether control planes heed what lies in a namespace; None where that is not known.

        Of the root namespace older versions take nothing that their selectors leave out; one that is out of view is
        taken to be set up as Istio's documentation asks for.
        """
        declared = self.namespaces.get(namespace, [])
        if not any(self.discovery) or (namespace == self.root and not declared):
            return True
        told = {
            not selectors or any(selects(one, labels) for one in selectors)
            for selectors in self.discovery
            for labels in declared
        }
        if told == {True}:
            return True
        return False if told == {False} and namespace != self.root else None

    def place_of(self, setting: str) -> Citation | None:
        """Where a setting of an injector is written."""
        found = (setup.places.get(setting) for setups in self.setups.values() for setup in setups)
        return next((place for place in found if place), None)


_SEEN: WeakKeyDictionary[Inventory, MeshView] = WeakKeyDictionary()
"""Kept as long as the partition is."""


def mesh_view(inventory: Inventory) -> MeshView:
    """Look over a whole partition once, whichever fact asks first."""
    view = _SEEN.get(inventory)
    if view is None:
        view = _SEEN[inventory] = MeshView(root_of(inventory))
        for resource in inventory:
            _look_at(view, resource)
    return view


def root_of(resources: Iterable[Resource]) -> str:
    """The mesh's root namespace: as an IstioOperator or the config map `istio` says, or Istio's default."""
    told = [resource for resource in resources if resource.native_type in HOLDERS]
    settings = (_guarded_text(partial(declared_root, resource.native_type, resource.native)) for resource in told)
    return next((root for root in settings if root), DEFAULT_ROOT)


def _guarded_text(getter: Callable[[], str]) -> str:
    try:
        return getter()
    except UnknownRead:
        return ""


def _look_at(view: MeshView, resource: Resource) -> None:
    if resource.provider != "kubernetes":
        return
    if resource.type == "kubernetes.namespace":
        _add_namespace(view, resource)
    if resource.native_type == _INJECTOR:
        found = guarded(partial(injector, resource))
        view.injectors.update([] if found is None or isinstance(found, Unknown) else [found])
    if resource.native_type in HOLDERS:
        _add_settings(view, resource)
    installs = _installs(view, resource)
    view.shows_settings |= installs
    view.has_istio |= installs or namespace_of(resource) == view.root or _speaks_of_istio(resource)


def _add_settings(view: MeshView, resource: Resource) -> None:
    configured = guarded(lambda: list(setups(resource)))
    for revision, setup in [] if isinstance(configured, Unknown) else configured:
        view.setups.setdefault(revision, []).append(setup)
        view.has_istio = view.shows_settings = True
    intercepting = guarded(lambda: dict(_interceptions(resource)))
    view.interceptions |= {} if isinstance(intercepting, Unknown) else intercepting
    discovering = guarded(lambda: list(_discovery(resource)))
    view.discovery += [] if isinstance(discovering, Unknown) else discovering


def _interceptions(resource: Resource) -> Iterator[tuple[str, Citation]]:
    for path, config in mesh_configs(resource.native_type, resource.native):
        if mode := text(at(config, "defaultConfig", INTERCEPTION)):
            place = written(resource.native, (*path, "defaultConfig", INTERCEPTION))
            yield mode, Citation(resource.origin, place)


def _discovery(resource: Resource) -> Iterator[Sequence[Any]]:
    for _, config in mesh_configs(resource.native_type, resource.native):
        yield items(config.get("discoverySelectors"))


def _installs(view: MeshView, resource: Resource) -> bool:
    """Whether the object is of the mesh's installation. A dashboard that lives in the root namespace is not."""
    if resource.native_type == OPERATOR:
        return True
    if resource.type == "kubernetes.namespace":
        return resource.name == view.root
    kind = _OF_INSTALLATION.get(resource.type)
    return kind is not None and namespace_of(resource) == view.root and resource.name.startswith(kind)


def _add_namespace(view: MeshView, resource: Resource) -> None:
    labels: dict[str, Any] = {_NAME_LABEL: resource.name}
    labels |= dict.fromkeys(INJECTION_LABELS, resource.tags) if isinstance(resource.tags, Unknown) else resource.tags
    view.namespaces.setdefault(resource.name, []).append(labels)
    if INJECTION_LABELS & labels.keys() or resource.name not in view.declared_by:
        view.declared_by[resource.name] = resource


def _speaks_of_istio(resource: Resource) -> bool:
    group = resource.native_type.partition("/")[0]
    return group.endswith(".istio.io") or bool(INJECTION_LABELS & _words_of(resource))


def _words_of(resource: Resource) -> set[str]:
    """Keys of the labels and annotations of an object and its pods."""
    maps = [resource.tags]
    if resource.type == "workload" and not isinstance(resource.attributes["pod_templates"], Unknown):
        for template in resource.attributes["pod_templates"]:
            maps += [template["labels"], template["annotations"]]
    return {str(key) for entry in maps if not isinstance(entry, Unknown) for key in mapping(entry)}
