"""Which PeerAuthentication decides about a pod, by Istio's own rules.

The narrowest scope wins: workload, then namespace, then mesh; `UNSET` asks the next wider scope; Istio's default is
PERMISSIVE. Of several in one scope the oldest wins, and files carry no ages. Policies with a selector in the root
namespace are ignored. Settings for single ports come from the winning workload policy only.
A policy labeled with a revision is read by the control plane of that revision alone.
Sources: istio `pilot/pkg/security/authn/policy_applier.go` (`ComposePeerAuthentication`) and its table of tests;
`pkg/config/model.go` (`LabelsInRevision`); `pkg/kube/namespace/filter.go` (`discoverySelectors`).

Files may leave several readings open. All readings that matter are composed, and what they agree on is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from scanner.analyze._guard import guarded
from scanner.analyze._mesh.injector import REVISION_LABEL
from scanner.analyze._mesh.view import MeshView
from scanner.analyze._namespaces import namespace_of
from scanner.bodies import at, mapping, text
from scanner.model import Path, Resource, Unknown, UnknownRead, known
from scanner.selectors import holds

ISTIO_DEFAULT = "Istio's default"

_MODES = frozenset({"STRICT", "PERMISSIVE", "DISABLE"})
_NO_SETTINGS = Unknown("no mesh-wide PeerAuthentication among the files; the cluster may hold one")


class Setting(Struct, frozen=True, eq=False):
    """One PeerAuthentication, read."""

    resource: Resource
    namespace: str
    """Empty where the manifest names none."""
    selector: Mapping[str, str]
    mode: str
    ports: Mapping[str, str]
    created: str
    """RFC 3339 time in UTC, so that text order is time order; empty in files."""
    revision: str = ""
    """Of the control planes that read it; empty for all of them."""
    found: bool = True
    """They surely look into its namespace."""

    def is_read(self, pods: Pods) -> bool | None:
        """Whether the control plane of these pods reads it; None where that is not known."""
        if pods.revision is not None and self.revision not in {"", pods.revision}:
            return False
        return True if self.found and self.revision in {"", pods.revision} else None

    @property
    def effect(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What it does, whatever it is called."""
        return self.mode, tuple(sorted(self.ports.items()))

    def port_path(self, port: int) -> Path:
        """Where the setting of a port stands; YAML keys may be numbers or text."""
        ports = at(self.resource.native, "spec", "portLevelMtls")
        return ("spec", "portLevelMtls", port if port in ports else str(port))


class Pods(Struct, frozen=True):
    """Pods of one template, as far as policies ask."""

    labels: Mapping[str, Any]
    namespace: str
    """Empty if their manifest, the file `uri`, names none."""
    uri: str
    revision: str | None = None
    """Of the control plane that looks after them; None where it is not known."""


class Composed(Struct, frozen=True):
    """What one reading of the files enforces on a pod."""

    mode: str
    decider: Setting | None
    """None for Istio's own default."""
    ports: Mapping[int, str]
    workload: Setting | None
    """The winning workload policy, which alone may set ports."""


class Policies:
    """The PeerAuthentications of one partition."""

    def __init__(self, resources: Iterable[Resource], view: MeshView) -> None:
        self._root = view.root
        self._unreadable: Unknown | None = None
        self._by_namespace: dict[str, list[Setting]] = {}
        for resource in resources:
            setting = guarded(partial(_setting, resource))
            if isinstance(setting, Unknown):
                self._unreadable = setting
            elif (looked := guarded(partial(view.looks_into, setting.namespace))) is not False:
                read = replace(setting, found=looked is True)
                self._by_namespace.setdefault(setting.namespace, []).append(read)

    def possible(self, pods: Pods) -> list[Composed]:
        """Every outcome the files leave open for some pods; never empty.

        Raises `UnknownRead` if there is a policy that cannot be read: it might apply.
        """
        known(self._unreadable)
        own, certain = self._own(pods)
        own = sorted(own, key=lambda setting: setting.resource.origin.uri != pods.uri)  # cite the copy in the same file
        mesh = [setting for setting in self._in(self._root, pods) if not setting.selector]
        floating = [setting for setting in self._in("", pods) if setting not in own]
        wide, narrow = _split(floating)
        own_wide, own_narrow = _split(own)
        scopes = (
            _candidates(mesh, wide, pods, certain=True),
            _candidates(own_wide, wide, pods, certain=certain),
            _candidates(own_narrow, narrow, pods, certain=certain),
        )
        return [_compose(*winners) for winners in product(*scopes)]

    def _in(self, namespace: str, pods: Pods) -> list[Setting]:
        """Policies of a namespace that match the pods."""
        return [setting for setting in self._by_namespace.get(namespace, ()) if _matches(setting, pods)]

    def _own(self, pods: Pods) -> tuple[list[Setting], bool]:
        """Policies in the pods' own namespace, and whether that is certain.

        What one file leaves without a namespace is applied to one and the same. Other pods whose namespace is not
        known may be anywhere. Of the root namespace only the mesh-wide policies count.
        """
        if pods.namespace:
            return ([] if pods.namespace == self._root else self._in(pods.namespace, pods)), True
        beside = [setting for setting in self._in("", pods) if setting.resource.origin.uri == pods.uri]
        if beside:
            return beside, True
        elsewhere = self._by_namespace.keys() - {"", self._root}
        return [setting for other in sorted(elsewhere) for setting in self._in(other, pods)], False


def _matches(setting: Setting, pods: Pods) -> bool:
    """Whether it selects them, and their control plane may read it."""
    return setting.is_read(pods) is not False and holds(setting.selector, pods.labels)


def _split(settings: list[Setting]) -> tuple[list[Setting], list[Setting]]:
    """Those for a whole namespace, and those with a selector."""
    return [s for s in settings if not s.selector], [s for s in settings if s.selector]


def _candidates(
    found: list[Setting], floating: list[Setting], pods: Pods, *, certain: bool
) -> Sequence[Setting | None]:
    """Who may win a scope; None stands for nobody."""
    sure = [setting for setting in found if setting.is_read(pods)]
    maybe = [setting for setting in found if setting not in sure] + floating
    distinct: dict[Any, Setting | None] = {}
    for setting in (*_oldest(sure), *maybe):
        distinct.setdefault(setting.effect, setting)
    if not sure or not certain:
        distinct[None] = None
    return list(distinct.values())


def _oldest(settings: list[Setting]) -> list[Setting]:
    """The oldest, or all of them where an age is missing. Istio breaks ties by name."""
    by_name = sorted(settings, key=lambda setting: setting.resource.name)
    if all(setting.created for setting in settings):
        return sorted(by_name, key=lambda setting: setting.created)[:1]
    return by_name


def _compose(mesh: Setting | None, namespace: Setting | None, workload: Setting | None) -> Composed:
    decider = next((s for s in (workload, namespace, mesh) if s is not None and s.mode != "UNSET"), None)
    mode = decider.mode if decider else "PERMISSIVE"
    ports = {} if workload is None else {int(p): m if m != "UNSET" else mode for p, m in workload.ports.items()}
    return Composed(mode, decider, ports, workload)


def agreed(outcomes: Sequence[Composed], wanted: Callable[[Composed], Any]) -> Any:
    """What all outcomes agree on; raises `UnknownRead` naming the policies that do not."""
    values = {repr(wanted(outcome)) for outcome in outcomes}
    if len(values) > 1:
        raise UnknownRead(Unknown(_conflict(outcomes)))
    return wanted(outcomes[0])


def _conflict(outcomes: Sequence[Composed]) -> str:
    deciders = dict.fromkeys(s for outcome in outcomes for s in (outcome.workload, outcome.decider) if s is not None)
    names = [setting.resource.origin.address for setting in deciders]
    if len(names) == 1 and not next(iter(deciders)).found:
        return f"whether {names[0]} applies depends on the namespaces that the control plane looks into"
    if len(names) == 1 and next(iter(deciders)).revision:
        return f"whether {names[0]} applies depends on the revision of the control plane, which the files do not tell"
    if len(names) == 1:
        return f"whether {names[0]} applies depends on a namespace that the files do not name"
    return f"which of {', '.join(sorted(names))} decides depends on ages or namespaces that the files do not name"


def mode_of(outcomes: Sequence[Composed], view: MeshView) -> str:
    """The mode all outcomes agree on; the default counts only if the mesh's settings are in view."""
    if not view.shows_settings and any(outcome.decider is None for outcome in outcomes):
        raise UnknownRead(_NO_SETTINGS)
    mode = str(agreed(outcomes, lambda outcome: outcome.mode))
    if mode not in _MODES:
        raise UnknownRead(Unknown(f"Istio knows no mTLS mode '{mode}'"))
    return mode


def weak_ports_of(outcomes: Sequence[Composed], view: MeshView) -> list[int]:
    """Ports with a setting of their own that is not STRICT."""

    def weak(outcome: Composed) -> list[int]:
        return sorted(port for port, mode in outcome.ports.items() if mode != "STRICT")

    inherits = any(s.workload and "UNSET" in s.workload.ports.values() and s.decider is None for s in outcomes)
    if inherits and not view.shows_settings:
        raise UnknownRead(_NO_SETTINGS)
    return list(agreed(outcomes, weak))


def _setting(resource: Resource) -> Setting:
    native = resource.native
    return Setting(
        resource,
        namespace_of(resource),
        {str(key): text(value) for key, value in mapping(at(native, "spec", "selector", "matchLabels")).items()},
        known(resource.attributes["mode"]),
        {port: mode for port, mode in known(resource.attributes["port_modes"]).items() if port.isdecimal()},
        text(at(native, "metadata", "creationTimestamp")),
        text(at(native, "metadata", "labels", REVISION_LABEL)),
    )
