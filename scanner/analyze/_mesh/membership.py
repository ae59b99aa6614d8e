"""Whether the pods of a template are in the mesh, by the rules of Istio's injector and of ambient mode.

Sidecar injection follows the selectors of Istio's webhooks: a namespace labelled `istio-injection` with anything but
`enabled` is left alone whatever its pods say; in an enabled or revisioned namespace a pod may refuse; elsewhere a pod
must ask. The label on the pod counts before the older annotation of the same name, which alone cannot ask, and both
count before the injector's configuration, in which "never" counts before "always" and that before the policy.
Gateways are left out: what they accept is decided by Gateway objects, not by PeerAuthentication.
Sources: istio `pkg/kube/inject/inject.go` (`injectRequired`), the webhooks of the `istio-discovery` chart, and for
ambient mode `cni/pkg/util/podutil.go` (`PodRedirectionEnabled`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.analyze._mesh.injector import BY_DEFAULT, DEFAULT_REVISION, POLICY, REVISION_LABEL, Setup
from scanner.analyze._mesh.view import AMBIENT_LABEL, NAMESPACE_LABEL, SIDECAR_LABEL, MeshView
from scanner.bodies import at, items, listed, text, written
from scanner.model import Path, Unknown, UnknownRead

Template = Mapping[str, Any]
Decision = tuple[bool, str]
"""Whether the pods are in the mesh, and the label or field that decided it (empty if none did)."""

_NEVER_INJECTED = frozenset({"kube-system", "kube-public", "kube-node-lease", "local-path-storage"})
_YES = frozenset({"y", "yes", "true", "on"})
"""Words that older injectors take for a yes, in capitals too, and all others for a no. Newer ones hear `true` and
`false` alone, and take every other word for none."""

_HEARS_PODS = frozenset({"enabled", "disabled"})
"""Policies of the injector under which pods may decide for themselves; under any other nothing is injected."""

_PROXY = "istio-proxy"
_TEMPLATES = "inject.istio.io/templates"
_SIDECAR = "sidecar"
_AMBIENT = "ambient"
_NO = "false"


def membership(template: Template, namespace: str, view: MeshView) -> Decision:
    """Decide for one pod template; raises `UnknownRead` where the files do not say enough."""
    decision = _decided(template, namespace, view)
    wanted = _wanted_templates(template)
    if decision[0] and decision[1] != AMBIENT_LABEL and wanted and _SIDECAR not in wanted:
        raise UnknownRead(Unknown(f"its pods ask for {', '.join(wanted)} in place of a sidecar"))
    return decision


def _decided(template: Template, namespace: str, view: MeshView) -> Decision:
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
    return _by_pod_alone(template, namespace, view)


def _is_gateway(template: Template) -> bool:
    return "gateway" in _wanted_templates(template) or any(
        "router" in _arguments(container) for container in _proxies(template["spec"])
    )


def _wanted_templates(template: Template) -> list[str]:
    """What the injector adds to pods in place of its sidecar: `gateway`, `grpc-agent` or a template of one's own."""
    return listed(text(template["annotations"].get(_TEMPLATES)))


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
    injected, decider = _sidecar(template["labels"], template["annotations"], labels, view)
    if injected:
        return True, decider
    ambient, ambient_decider = _ambient(template["labels"], labels)
    return ambient, ambient_decider or decider


def _sidecar(
    pod: Mapping[str, Any], annotations: Mapping[str, Any], namespace: Mapping[str, Any], view: MeshView
) -> Decision:
    """Whether an injector is asked, and what it answers: the pod's own word counts before its configuration."""
    revision, decider = _asked(pod, namespace, view)
    own = _own_word(pod, annotations)
    if not revision or own == _NO:
        return False, SIDECAR_LABEL if revision else decider
    injects, why = _answer(own, view.setup_of(revision), pod)
    if injects and not _is_served(revision, pod, namespace, view):
        return False, decider
    return injects, decider if injects and why == POLICY else why


def _answer(own: str, setup: Setup, pod: Mapping[str, Any]) -> Decision:
    """What an injector that was asked makes of the pod's own word; raises `UnknownRead` where versions of it differ."""
    heard = setup.policy in _HEARS_PODS, SIDECAR_LABEL
    if own == "true":
        return heard
    silent = setup.choice(pod)
    older = heard if own.lower() in _YES else (False, SIDECAR_LABEL)
    if own and older[0] != silent[0]:
        raise UnknownRead(Unknown(f"what the injector makes of '{own}' in {SIDECAR_LABEL} depends on its version"))
    return silent


def _asked(pod: Mapping[str, Any], namespace: Mapping[str, Any], view: MeshView) -> tuple[str, str]:
    """The revision or tag that is asked for a sidecar, empty for none, and the label or setting that decides."""
    for revision, injector in view.injectors.items():
        if injector.calls(namespace, pod):
            return revision, _asked_by_label(pod, namespace)[1]
    revision, decider = _asked_by_label(pod, namespace)
    if not decider and (default := next((one for one in view.setups if view.setup_of(one).by_default), "")):
        return default, BY_DEFAULT
    return revision, decider


def revision_of(template: Template, namespace: str, view: MeshView) -> str | None:
    """The revision of the control plane that looks after these pods, where it is known for sure.

    A name that is asked for may be a tag, which only an injector in view tells from a revision.
    """
    asked = {_asked(template["labels"], labels, view)[0] for labels in view.namespaces.get(namespace, ())}
    served = view.injectors.get(asked.pop()) if len(asked) == 1 else None
    return served.revision if served is not None else None


def _asked_by_label(pod: Mapping[str, Any], namespace: Mapping[str, Any]) -> tuple[str, str]:
    """By the selectors that Istio's own webhooks have."""
    if NAMESPACE_LABEL in namespace:
        return DEFAULT_REVISION if text(namespace[NAMESPACE_LABEL]) == "enabled" else "", NAMESPACE_LABEL
    if REVISION_LABEL in namespace or REVISION_LABEL in pod:
        return text(namespace.get(REVISION_LABEL)) or text(pod.get(REVISION_LABEL)) or DEFAULT_REVISION, REVISION_LABEL
    asked = text(pod.get(SIDECAR_LABEL))
    return DEFAULT_REVISION if asked == "true" else "", SIDECAR_LABEL if asked else ""


def _is_served(revision: str, pod: Mapping[str, Any], namespace: Mapping[str, Any], view: MeshView) -> bool:
    """Whether an injector answers; where none is in view, one is taken to be there.

    What a cluster holds is all there is. Files may leave out a tag that somebody made by hand.
    """
    if revision in view.injectors:
        injector = view.injectors[revision]
        return not injector.selectors or injector.calls(namespace, pod)
    if not view.injectors:
        return True
    if all(injector.live for injector in view.injectors.values()):
        return False
    others = ", ".join(sorted(view.injectors))
    raise UnknownRead(Unknown(f"the files have no injector for revision '{revision}', only for {others}"))


def _own_word(pod: Mapping[str, Any], annotations: Mapping[str, Any]) -> str:
    """What a pod says of itself: by its label if it has one, even one without a value."""
    return text(pod[SIDECAR_LABEL] if SIDECAR_LABEL in pod else annotations.get(SIDECAR_LABEL))


def _ambient(pod: Mapping[str, Any], namespace: Mapping[str, Any]) -> Decision:
    """Pods are in unless they say `none`; no other word takes them out of a namespace that is in."""
    own, home = text(pod.get(AMBIENT_LABEL)), text(namespace.get(AMBIENT_LABEL))
    return own != "none" and _AMBIENT in (own, home), AMBIENT_LABEL if own or home else ""


def _by_pod_alone(template: Template, namespace: str, view: MeshView) -> Decision:
    """The namespace is not in view, so only what the pod itself says, or is said of all, can be known."""
    pod, annotations = template["labels"], template["annotations"]
    if text(pod.get(AMBIENT_LABEL)) == _AMBIENT:
        return True, AMBIENT_LABEL
    asked = text(pod.get(SIDECAR_LABEL))
    own = _own_word(pod, annotations)
    if own == _NO:
        return False, SIDECAR_LABEL
    if asked == "true" or REVISION_LABEL in pod:
        return True, SIDECAR_LABEL if asked == "true" else REVISION_LABEL
    choices = [] if own else [view.setup_of(revision).choice(pod) for revision in view.setups]
    if choices and not any(injects for injects, _ in choices):
        return choices[0]
    reason = f"namespace {namespace} is not among the files" if namespace else "the manifest names no namespace"
    path = "" if namespace else "metadata.namespace"
    raise UnknownRead(Unknown(f"{reason}, so its injection labels are not known", path))


def decider_path(native: Any, template: Template, decider: str) -> Path:
    """Where in the workload's body the deciding label or field stands; the pod's own place if it is elsewhere."""
    spec: Path = tuple(template["path"])
    written_on = ((*spec[:-1], "metadata"), ("metadata",))
    places = [(*base, field, decider) for base in written_on for field in ("labels", "annotations")]
    return next((path for path in [*places, (*spec, decider)] if decider and written(native, path) == path), spec)
