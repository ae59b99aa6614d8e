"""Whether the pods of a template are in the mesh, by the rules of Istio's injector and of ambient mode.

Sidecar injection follows the selectors of Istio's webhooks: a namespace labelled `istio-injection` with anything but
`enabled` is left alone whatever its pods say; in an enabled or revisioned namespace a pod may refuse; elsewhere a pod
must ask. The label on the pod counts before the older annotation of the same name, which alone cannot ask.
Gateways are left out: what they accept is decided by Gateway objects, not by PeerAuthentication.
Source: istio `pkg/kube/inject/inject.go` (`injectRequired`) and the webhooks of the `istio-discovery` chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.analyze._mesh_view import AMBIENT_LABEL, NAMESPACE_LABEL, REVISION_LABEL, SIDECAR_LABEL, MeshView
from scanner.bodies import at, items, text, written
from scanner.model import Path, Unknown, UnknownRead

Template = Mapping[str, Any]
Decision = tuple[bool, str]
"""Whether the pods are in the mesh, and the label or field that decided it (empty if none did)."""

_NEVER_INJECTED = frozenset({"kube-system", "kube-public", "kube-node-lease", "local-path-storage"})
_YES = frozenset({"y", "yes", "true", "on"})
_DEFAULT_REVISION = "default"
_PROXY = "istio-proxy"
_TEMPLATES = "inject.istio.io/templates"


def membership(template: Template, namespace: str, view: MeshView) -> Decision:
    """Decide for one pod template; raises `UnknownRead` where the files do not say enough."""
    spec = template["spec"]
    if at(spec, "hostNetwork") is True:
        return False, "hostNetwork"
    if _is_gateway(template):
        return False, "containers"
    if _brings_sidecar(spec):
        return True, "containers"
    if not view.has_istio or namespace in _NEVER_INJECTED:
        return False, ""
    if namespace in view.namespaces:
        return _in_any(template, namespace, view)
    return _by_pod_alone(template, namespace)


def _is_gateway(template: Template) -> bool:
    wanted = text(template["annotations"].get(_TEMPLATES)).split(",")
    return "gateway" in wanted or any("router" in _arguments(container) for container in _proxies(template["spec"]))


def _brings_sidecar(spec: Any) -> bool:
    """Somebody ran `istioctl kube-inject`, or the manifest comes from a cluster."""
    return any("sidecar" in _arguments(container) for container in _proxies(spec))


def _proxies(spec: Any) -> list[Any]:
    containers = [*items(at(spec, "containers")), *items(at(spec, "initContainers"))]
    return [container for container in containers if text(at(container, "name")) == _PROXY]


def _arguments(container: Any) -> list[str]:
    return [text(argument) for argument in items(at(container, "args"))]


def _in_any(template: Template, namespace: str, view: MeshView) -> Decision:
    """What every object that declares the namespace leads to; which of them is applied is not known."""
    declared = view.namespaces[namespace]
    decisions = [_in_namespace(template, labels, view) for labels in declared]
    if len({joined for joined, _ in decisions}) > 1:
        reason = f"{len(decisions)} files declare namespace {namespace}, with different injection labels"
        raise UnknownRead(Unknown(reason))
    return max(decisions, key=lambda decision: bool(decision[1]))


def _in_namespace(template: Template, labels: Mapping[str, Any], view: MeshView) -> Decision:
    injected, decider = _sidecar(template["labels"], template["annotations"], labels)
    if injected and _is_served(_revision(template["labels"], labels), view):
        return True, decider
    ambient, ambient_decider = _ambient(template["labels"], labels)
    return ambient, ambient_decider or decider


def _sidecar(pod: Mapping[str, Any], annotations: Mapping[str, Any], namespace: Mapping[str, Any]) -> Decision:
    asked = text(pod.get(SIDECAR_LABEL))
    if NAMESPACE_LABEL in namespace:
        called, decider = text(namespace[NAMESPACE_LABEL]) == "enabled", NAMESPACE_LABEL
    elif REVISION_LABEL in namespace or REVISION_LABEL in pod:
        called, decider = True, REVISION_LABEL
    else:
        called, decider = asked == "true", SIDECAR_LABEL if asked else ""
    refused = _refuses(asked or text(annotations.get(SIDECAR_LABEL)))
    return called and not refused, SIDECAR_LABEL if called and refused else decider


def _revision(pod: Mapping[str, Any], namespace: Mapping[str, Any]) -> str:
    """The revision or tag that is asked for a sidecar; without a word it is the default one."""
    if NAMESPACE_LABEL in namespace:
        return _DEFAULT_REVISION
    return text(namespace.get(REVISION_LABEL)) or text(pod.get(REVISION_LABEL)) or _DEFAULT_REVISION


def _is_served(revision: str, view: MeshView) -> bool:
    """Whether an injector answers; where none is in view, one is taken to be there.

    What a cluster holds is all there is. Files may leave out a tag that somebody made by hand.
    """
    if not view.injectors or revision in view.injectors:
        return True
    if all(view.injectors.values()):
        return False
    others = ", ".join(sorted(view.injectors))
    raise UnknownRead(Unknown(f"the files have no injector for revision '{revision}', only for {others}"))


def _refuses(word: str) -> bool:
    return word != "" and word.lower() not in _YES


def _ambient(pod: Mapping[str, Any], namespace: Mapping[str, Any]) -> Decision:
    word = text(pod.get(AMBIENT_LABEL)) or text(namespace.get(AMBIENT_LABEL))
    return word == "ambient", AMBIENT_LABEL if word else ""


def _by_pod_alone(template: Template, namespace: str) -> Decision:
    """The namespace is not in view, so only what the pod itself says can be known."""
    pod, annotations = template["labels"], template["annotations"]
    if text(pod.get(AMBIENT_LABEL)) == "ambient":
        return True, AMBIENT_LABEL
    asked = text(pod.get(SIDECAR_LABEL))
    if _refuses(asked or text(annotations.get(SIDECAR_LABEL))):
        return False, SIDECAR_LABEL
    if asked == "true" or REVISION_LABEL in pod:
        return True, SIDECAR_LABEL if asked == "true" else REVISION_LABEL
    reason = f"namespace {namespace} is not among the files" if namespace else "the manifest names no namespace"
    path = "" if namespace else "metadata.namespace"
    raise UnknownRead(Unknown(f"{reason}, so its injection labels are not known", path))


def decider_path(native: Any, template: Template, decider: str) -> Path:
    """Where in the workload's body the deciding label or field stands; the pod's own place if it is elsewhere."""
    spec: Path = tuple(template["path"])
    written_on = ((*spec[:-1], "metadata"), ("metadata",))
    places = [(*base, field, decider) for base in written_on for field in ("labels", "annotations")]
    return next((path for path in [*places, (*spec, decider)] if decider and written(native, path) == path), spec)
