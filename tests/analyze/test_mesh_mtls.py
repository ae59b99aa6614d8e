"""Effective mTLS, held to Istio's own rules by a table of meshes."""

import json
from typing import Any

import pytest
import ryaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import normalize
from scanner.analyze import mesh_mtls
from scanner.model import Document, Fact, Inventory, Ledger, Origin, Partition, Unknown

Object = dict[str, Any]


def thing(api: str, kind: str, name: str, namespace: str = "", **rest: Any) -> Object:
    labels = rest.pop("labels", {})
    metadata = {"name": name, "labels": labels, **({"namespace": namespace} if namespace else {})}
    metadata |= {key: rest.pop(key) for key in ("creationTimestamp",) if key in rest}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}


def ns(name: str, **labels: str) -> Object:
    return thing("v1", "Namespace", name, labels={key.replace("_", "-"): value for key, value in labels.items()})


def labelled(name: str, key: str, value: str) -> Object:
    return thing("v1", "Namespace", name, labels={key: value})


def peer(name: str, namespace: str, mode: str = "", **rest: Any) -> Object:
    """A PeerAuthentication; `app` selects, `ports` sets single ports, `created` is its age."""
    spec: Object = {"mtls": {"mode": mode}} if mode else {}
    if "app" in rest:
        spec["selector"] = {"matchLabels": {"app": rest["app"]} if rest["app"] else {}}
    if "ports" in rest:
        spec["portLevelMtls"] = {port: {"mode": m} if m else {} for port, m in rest["ports"].items()}
    stamp = {"creationTimestamp": rest["created"]} if "created" in rest else {}
    return thing("security.istio.io/v1", "PeerAuthentication", name, namespace, spec=spec, **stamp)


def web(namespace: str = "shop", pod: Object | None = None, notes: Object | None = None, **spec: Any) -> Object:
    template = {
        "metadata": {"labels": {"app": "web", **(pod or {})}, "annotations": notes or {}},
        "spec": {"containers": [{"name": "web"}], **spec},
    }
    return thing("apps/v1", "Deployment", "web", namespace, spec={"template": template})


def inventory(*objects: Object, files: dict[int, str] | None = None) -> Inventory:
    documents = []
    for index, body in enumerate(objects):
        metadata = body["metadata"]
        parts = [metadata.get("namespace"), body["kind"], metadata.get("name")]
        address = "/".join(part for part in parts if part)
        uri = (files or {}).get(index, "all.yaml")
        documents.append(Document("kubernetes", body, Origin(uri, "kubernetes_manifest", (index,), address)))
    return normalize.inventory(Partition("test", documents), Ledger())


def fact(*objects: Object, files: dict[int, str] | None = None) -> Fact:
    (found,) = mesh_mtls.derive(inventory(*objects, files=files)).values()
    return found


def seen(found: Fact, field: str) -> Any:
    value = found.values.get(field, mesh_mtls.FIELDS[field].default)
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else value


ROOT = ns("istio-system")
SHOP = ns("shop", istio_injection="enabled")
BASE = [ROOT, SHOP, web()]
OLD, NEW = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"
DEFAULT = "Istio's default"
MESH = "istio-system/PeerAuthentication/mesh"
NAMESPACE = "shop/PeerAuthentication/namespace"
WORKLOAD = "shop/PeerAuthentication/workload"

# What Istio composes from the policies in view. Columns: policies, mode, who decided, weak ports.
COMPOSED: dict[str, tuple[list[Object], str, str, list[int]]] = {
    "no policy": ([], "PERMISSIVE", DEFAULT, []),
    "mesh only": ([peer("mesh", "istio-system", "STRICT")], "STRICT", MESH, []),
    "mesh disable": ([peer("mesh", "istio-system", "DISABLE")], "DISABLE", MESH, []),
    "mesh with an empty selector": ([peer("mesh", "istio-system", "STRICT", app="")], "STRICT", MESH, []),
    "mesh unset": ([peer("mesh", "istio-system", "UNSET")], "PERMISSIVE", DEFAULT, []),
    "mesh without mtls": ([peer("mesh", "istio-system")], "PERMISSIVE", DEFAULT, []),
    "a selector in the root namespace is ignored": (
        [peer("mesh", "istio-system", "STRICT", app="web")], "PERMISSIVE", DEFAULT, [],
    ),
    "a selector in the root namespace beside a mesh policy": (
        [peer("mesh", "istio-system", "STRICT"), peer("other", "istio-system", "DISABLE", app="web")],
        "STRICT", MESH, [],
    ),
    "namespace over mesh": (
        [peer("mesh", "istio-system", "STRICT"), peer("namespace", "shop", "PERMISSIVE")], "PERMISSIVE", NAMESPACE, [],
    ),
    "namespace strict over mesh disable": (
        [peer("mesh", "istio-system", "DISABLE"), peer("namespace", "shop", "STRICT")], "STRICT", NAMESPACE, [],
    ),
    "namespace unset asks the mesh": (
        [peer("mesh", "istio-system", "STRICT"), peer("namespace", "shop", "UNSET")], "STRICT", MESH, [],
    ),
    "namespace with an empty selector": ([peer("namespace", "shop", "STRICT", app="")], "STRICT", NAMESPACE, []),
    "another namespace's policy": ([peer("namespace", "bank", "STRICT")], "PERMISSIVE", DEFAULT, []),
    "workload over namespace": (
        [peer("namespace", "shop", "STRICT"), peer("workload", "shop", "DISABLE", app="web")], "DISABLE", WORKLOAD, [],
    ),
    "workload over mesh": (
        [peer("mesh", "istio-system", "DISABLE"), peer("workload", "shop", "STRICT", app="web")],
        "STRICT", WORKLOAD, [],
    ),
    "workload for other pods": (
        [peer("namespace", "shop", "STRICT"), peer("workload", "shop", "DISABLE", app="db")], "STRICT", NAMESPACE, [],
    ),
    "workload in another namespace": (
        [peer("mesh", "istio-system", "STRICT"), peer("workload", "bank", "DISABLE", app="web")], "STRICT", MESH, [],
    ),
    "workload without a mode asks the namespace": (
        [peer("namespace", "shop", "STRICT"), peer("workload", "shop", app="web")], "STRICT", NAMESPACE, [],
    ),
    "workload without a mode asks the mesh": (
        [peer("mesh", "istio-system", "STRICT"), peer("workload", "shop", app="web")], "STRICT", MESH, [],
    ),
    "unset all the way down": (
        [
            peer("mesh", "istio-system", "STRICT"),
            peer("namespace", "shop", "UNSET"),
            peer("workload", "shop", app="web"),
        ],
        "STRICT", MESH, [],
    ),
    "empty namespace and workload policies": (
        [peer("namespace", "shop"), peer("workload", "shop", app="web")], "PERMISSIVE", DEFAULT, [],
    ),
    "the oldest mesh policy": (
        [peer("young", "istio-system", "DISABLE", created=NEW), peer("mesh", "istio-system", "STRICT", created=OLD)],
        "STRICT", MESH, [],
    ),
    "the oldest namespace policy": (
        [peer("namespace", "shop", "STRICT", created=OLD), peer("young", "shop", "DISABLE", created=NEW)],
        "STRICT", NAMESPACE, [],
    ),
    "the oldest workload policy": (
        [
            peer("young", "shop", "STRICT", app="web", created=NEW),
            peer("workload", "shop", "PERMISSIVE", app="web", created=OLD),
        ],
        "PERMISSIVE", WORKLOAD, [],
    ),
    "of one age the first name": (
        [peer("z", "shop", "DISABLE", created=OLD), peer("namespace", "shop", "STRICT", created=OLD)],
        "STRICT", NAMESPACE, [],
    ),
    "the oldest wins although it is unset": (
        [
            peer("mesh", "istio-system", "STRICT"),
            peer("namespace", "shop", "UNSET", created=OLD), peer("young", "shop", "DISABLE", created=NEW),
        ],
        "STRICT", MESH, [],
    ),
    "policies of one effect do not conflict": (
        [peer("namespace", "shop", "STRICT"), peer("twin", "shop", "STRICT")], "STRICT", NAMESPACE, [],
    ),
    "a conflict that a narrower policy settles": (
        [peer("a", "shop", "STRICT"), peer("b", "shop", "DISABLE"), peer("workload", "shop", "STRICT", app="web")],
        "STRICT", WORKLOAD, [],
    ),
    "ports": (
        [
            peer("mesh", "istio-system", "STRICT"),
            peer("workload", "shop", app="web", ports={80: "DISABLE", 90: "UNSET", 100: ""}),
        ],
        "STRICT", MESH, [80],
    ),
    "ports inherit the workload's mode": (
        [peer("workload", "shop", "PERMISSIVE", app="web", ports={"80": "STRICT", "90": "UNSET", "70": "DISABLE"})],
        "PERMISSIVE", WORKLOAD, [70, 90],
    ),
    "ports that are strict are not weak": (
        [peer("workload", "shop", "DISABLE", app="web", ports={80: "STRICT"})], "DISABLE", WORKLOAD, [],
    ),
    "ports of a namespace policy do not count": (
        [peer("namespace", "shop", "STRICT", ports={80: "DISABLE"})], "STRICT", NAMESPACE, [],
    ),
    "ports of a mesh policy do not count": (
        [peer("mesh", "istio-system", "STRICT", ports={80: "DISABLE"})], "STRICT", MESH, [],
    ),
    "ports of the younger workload policy do not merge": (
        [
            peer("workload", "shop", "STRICT", app="web", ports={80: "STRICT"}, created=OLD),
            peer("young", "shop", "STRICT", app="web", ports={90: "DISABLE"}, created=NEW),
        ],
        "STRICT", WORKLOAD, [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPOSED)
def test_effective_mode(case: str) -> None:
    policies, mode, decider, weak_ports = COMPOSED[case]
    found = fact(*BASE, *policies)
    assert seen(found, "in_mesh") is True
    assert seen(found, "mode") == mode
    assert seen(found, "decided_by") == decider
    assert seen(found, "weak_ports") == weak_ports


@pytest.mark.parametrize("case", COMPOSED)
def test_the_order_of_the_files_does_not_matter(case: str) -> None:
    policies, mode, _, weak_ports = COMPOSED[case]
    found = fact(*reversed(policies), *BASE)
    assert (seen(found, "mode"), seen(found, "weak_ports")) == (mode, weak_ports)


SIDECAR = "sidecar.istio.io/inject"
AMBIENT = "istio.io/dataplane-mode"
REVISION = "istio.io/rev"
PROXY = {"name": "istio-proxy", "args": ["proxy", "sidecar"]}
ROUTER = {"name": "istio-proxy", "args": ["proxy", "router"]}

# Whether pods join the mesh. Columns: the namespace, the workload, whether it is in.
JOINED: dict[str, tuple[list[Object], Object, Any]] = {
    "enabled namespace": ([SHOP], web(), True),
    "namespace without labels": ([ns("shop")], web(), False),
    "disabled namespace": ([ns("shop", istio_injection="disabled")], web(), False),
    "disabled namespace, pod asks": ([ns("shop", istio_injection="disabled")], web(pod={SIDECAR: "true"}), False),
    "revisioned namespace": ([labelled("shop", REVISION, "stable")], web(), True),
    "revisioned namespace, pod refuses": ([labelled("shop", REVISION, "stable")], web(pod={SIDECAR: "false"}), False),
    "enabled namespace, pod refuses": ([SHOP], web(pod={SIDECAR: "false"}), False),
    "enabled namespace, annotation refuses": ([SHOP], web(notes={SIDECAR: "false"}), False),
    "the label counts before the annotation": ([SHOP], web(pod={SIDECAR: "true"}, notes={SIDECAR: "false"}), True),
    "pod asks by label": ([ns("shop")], web(pod={SIDECAR: "true"}), True),
    "pod asks by label, unquoted": ([ns("shop")], web(pod={SIDECAR: True}), True),
    "pod asks by annotation alone": ([ns("shop")], web(notes={SIDECAR: "true"}), False),
    "pod names a revision": ([ns("shop")], web(pod={REVISION: "canary"}), True),
    "host network": ([SHOP], web(hostNetwork=True), False),
    "ambient namespace": ([labelled("shop", AMBIENT, "ambient")], web(), True),
    "ambient namespace, pod refuses": ([labelled("shop", AMBIENT, "ambient")], web(pod={AMBIENT: "none"}), False),
    "ambient pod": ([ns("shop")], web(pod={AMBIENT: "ambient"}), True),
    "ambient host network": ([labelled("shop", AMBIENT, "ambient")], web(hostNetwork=True), False),
    "sidecar written down": ([ns("shop")], web(containers=[{"name": "web"}, PROXY]), True),
    "native sidecar written down": ([ns("shop")], web(initContainers=[PROXY]), True),
    "gateway written down": ([SHOP], web(containers=[ROUTER]), False),
    "gateway injected": ([SHOP], web(notes={"inject.istio.io/templates": "gateway"}, pod={SIDECAR: "true"}), False),
    "system namespace": ([ns("kube-system")], web("kube-system", pod={SIDECAR: "true"}), False),
    "namespace out of view, pod asks": ([], web(pod={SIDECAR: "true"}), True),
    "namespace out of view, pod refuses": ([], web(pod={SIDECAR: "false"}), False),
    "namespace out of view, annotation refuses": ([], web(notes={SIDECAR: "false"}), False),
    "namespace out of view, host network": ([], web(hostNetwork=True), False),
    "namespace out of view": (
        [], web(), "unknown: namespace shop is not among the files, so its injection labels are not known",
    ),
    "no namespace named": (
        [SHOP], web(""), "unknown: the manifest names no namespace, so its injection labels are not known",
    ),
    "two files label the namespace alike": ([SHOP, SHOP], web(), True),
    "two files disagree": (
        [ns("shop", istio_injection="disabled"), SHOP], web(),
        "unknown: 2 files declare namespace shop, with different injection labels",
    ),
    "one of two files labels the namespace": (
        [ns("shop"), SHOP], web(), "unknown: 2 files declare namespace shop, with different injection labels",
    ),
    "an ambient overlay of a namespace, pod refuses a sidecar": (
        [SHOP, labelled("shop", AMBIENT, "ambient")], web(pod={SIDECAR: "false"}),
        "unknown: 2 files declare namespace shop, with different injection labels",
    ),
    "an ambient overlay of a namespace": ([SHOP, labelled("shop", AMBIENT, "ambient")], web(), True),
    "two files disagree, pod refuses anyway": ([ns("shop"), SHOP], web(pod={SIDECAR: "false"}), False),
}  # fmt: skip


@pytest.mark.parametrize("case", JOINED)
def test_membership(case: str) -> None:
    namespaces, workload, expected = JOINED[case]
    assert seen(fact(ROOT, *namespaces, workload), "in_mesh") == expected


def injector(*, live: bool = False, **labels: str) -> Object:
    body = thing("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "injector", webhooks=[])
    body["metadata"]["labels"] = {f"istio.io/{key}": value for key, value in labels.items()}
    return {**body, "metadata": {**body["metadata"], **({"creationTimestamp": OLD} if live else {})}}


ONLY_CANARY = "unknown: the files have no injector for revision '{}', only for canary"

# Which injector answers. Columns: the namespace, the injectors in view, whether the workload is in the mesh.
SERVED: dict[str, tuple[Object, list[Object], Any]] = {
    "the default revision": (SHOP, [injector(rev="default")], True),
    "a revision in view": (labelled("shop", REVISION, "canary"), [injector(rev="canary")], True),
    "a tag in view": (labelled("shop", REVISION, "prod"), [injector(rev="1-27", tag="prod")], True),
    "enabled means the default, which a cluster lacks": (SHOP, [injector(rev="canary", live=True)], False),
    "enabled means the default, which files lack": (SHOP, [injector(rev="canary")], ONLY_CANARY.format("default")),
    "a revision that a cluster lacks": (labelled("shop", REVISION, "old"), [injector(rev="canary", live=True)], False),
    "a tag that files lack": (labelled("shop", REVISION, "prod"), [injector(rev="canary")], ONLY_CANARY.format("prod")),
    "a revision hidden by its tag": (
        labelled("shop", REVISION, "1-27"), [injector(rev="1-27", tag="prod", live=True)], False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SERVED)
def test_a_sidecar_needs_an_injector_of_its_revision(case: str) -> None:
    namespace, injectors, expected = SERVED[case]
    assert seen(fact(ROOT, namespace, *injectors, web()), "in_mesh") == expected


def webhooks(*pairs: tuple[Object, Object], rev: str = "default", live: bool = False) -> Object:
    """An injector that is asked where both selectors, of the namespace and of the pod, take the labels."""
    body = injector(rev=rev, live=live)
    return {**body, "webhooks": [{"namespaceSelector": space, "objectSelector": pod} for space, pod in pairs]}


def expressions(*wanted: str) -> Object:
    """`key in a`, `key notin a`, `key` and `!key`, as kubectl writes selectors."""
    found: list[Object] = []
    for words in wanted:
        key, *rest = words.removeprefix("!").split()
        operator = {"in": "In", "notin": "NotIn"}.get(rest[0]) if rest else None
        simple = "DoesNotExist" if words.startswith("!") else "Exists"
        values = {"values": rest[1].split(",")} if rest else {}
        found.append({"key": key, "operator": operator or simple, **values})
    return {"matchExpressions": found}


NAMES = "kubernetes.io/metadata.name"
IN_ENABLED = (expressions("istio-injection in enabled"), expressions(f"{SIDECAR} notin false"))
BY_POD = (expressions("!istio-injection", f"!{REVISION}"), expressions(f"{SIDECAR} in true", f"!{REVISION}"))
BY_DEFAULT = (
    expressions("!istio-injection", f"!{REVISION}", f"{NAMES} notin kube-system,ops"),
    expressions(f"!{SIDECAR}", f"!{REVISION}"),
)
OPS = ns("ops")
ODD_WORD = f"unknown: what the injector makes of '{{}}' in {SIDECAR} depends on its version"

# What webhooks in view select, which is more than their revision. Columns as for membership.
SELECTED: dict[str, tuple[list[Object], Object, Any]] = {
    "as Istio installs them, enabled": ([SHOP, webhooks(IN_ENABLED, BY_POD)], web(), True),
    "as Istio installs them, no label": ([ns("shop"), webhooks(IN_ENABLED, BY_POD)], web(), False),
    "as Istio installs them, pod asks": ([ns("shop"), webhooks(IN_ENABLED, BY_POD)], web(pod={SIDECAR: "true"}), True),
    "as Istio installs them, pod refuses": ([SHOP, webhooks(IN_ENABLED, BY_POD)], web(pod={SIDECAR: "false"}), False),
    "enabled, older injectors hear the pod's no after the webhook": (
        [SHOP, webhooks(IN_ENABLED)], web(pod={SIDECAR: "no"}), ODD_WORD.format("no"),
    ),
    "namespaces by default": ([ns("shop"), webhooks(BY_DEFAULT)], web(), True),
    "namespaces by default, disabled one": ([ns("shop", istio_injection="disabled"), webhooks(BY_DEFAULT)], web(), False),
    "namespaces by default, left out by name": ([OPS, webhooks(BY_DEFAULT)], web("ops"), False),
    "namespaces by default, annotation refuses": ([ns("shop"), webhooks(BY_DEFAULT)], web(notes={SIDECAR: "false"}), False),
    "namespaces by default, annotation refuses in old words": (
        [ns("shop"), webhooks(BY_DEFAULT)], web(notes={SIDECAR: "off"}), ODD_WORD.format("off"),
    ),
    "a selector of one's own": (
        [labelled("shop", "mesh", "on"), webhooks((expressions("mesh in on"), {}))], web(), True,
    ),
    "a selector of one's own, other label": (
        [SHOP, webhooks((expressions("mesh in on"), {}))], web(), False,
    ),
    "no selector takes all": ([ns("shop"), webhooks(({}, {}))], web(), True),
    "no selector takes no system namespace": ([ns("kube-system"), webhooks(({}, {}))], web("kube-system"), False),
    "the pod's own selector": ([SHOP, webhooks((IN_ENABLED[0], expressions("app in other")))], web(), False),
    "of a revision": (
        [labelled("shop", REVISION, "canary"), webhooks((expressions(f"{REVISION} in canary"), {}), rev="canary")],
        web(), True,
    ),
    "a namespace that is not in view": (
        [webhooks(BY_DEFAULT)], web(),
        "unknown: namespace shop is not among the files, so its injection labels are not known",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SELECTED)
def test_webhooks_select_whom_they_inject(case: str) -> None:
    objects, workload, expected = SELECTED[case]
    assert seen(fact(ROOT, *objects, workload), "in_mesh") == expected


def injector_map(revision: str = "", values: Object | None = None, **config: Any) -> Object:
    """The config map that Istio's injector reads."""
    name = f"istio-sidecar-injector-{revision}".removesuffix("-")
    template = "sidecar: |\n  {{ if .Values.global }}\n  spec: {}\n  {{ end }}\n"
    written = (
        ryaml.dumps({"policy": "enabled", **config}) + f"templates:\n  {template.replace(chr(10), chr(10) + '  ')}"
    )
    data = {"config": written, "values": json.dumps(values or {})}
    return thing("v1", "ConfigMap", name, "istio-system", data=data)


def operator(**values: Any) -> Object:
    return thing("install.istio.io/v1alpha1", "IstioOperator", "mesh", "istio-system", spec={"values": values})


def flux(**values: Any) -> Object:
    spec = {"chart": {"spec": {"chart": "istiod"}}, "values": values}
    return thing("helm.toolkit.fluxcd.io/v2", "HelmRelease", "istiod", "istio-system", spec=spec)


def argo(helm: Object) -> Object:
    spec = {"source": {"chart": "istiod", "helm": helm}, "destination": {"namespace": "istio-system"}}
    return thing("argoproj.io/v1alpha1", "Application", "istiod", "argocd", spec=spec)


WEB, OTHER = {"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "other"}}
NEVER = {"neverInjectSelector": [WEB]}
ALWAYS = {"alwaysInjectSelector": [WEB]}
DEFAULTED = {"enableNamespacesByDefault": True}
NOT_IN_VIEW = "unknown: namespace shop is not among the files, so its injection labels are not known"

# The injector's own configuration. Columns as for membership.
CONFIGURED: dict[str, tuple[list[Object], Object, Any]] = {
    "policy enabled": ([SHOP, injector_map()], web(), True),
    "policy disabled": ([SHOP, injector_map(policy="disabled")], web(), False),
    "policy disabled, pod asks by label": ([SHOP, injector_map(policy="disabled")], web(pod={SIDECAR: "true"}), True),
    "policy disabled, pod asks by annotation": (
        [SHOP, injector_map(policy="disabled")], web(notes={SIDECAR: "true"}), True,
    ),
    "policy disabled, always": ([SHOP, injector_map(policy="disabled", **ALWAYS)], web(), True),
    "policy off": ([SHOP, injector_map(policy="off")], web(pod={SIDECAR: "true"}), False),
    "never": ([SHOP, injector_map(**NEVER)], web(), False),
    "never, other pods": ([SHOP, injector_map(neverInjectSelector=[OTHER])], web(), True),
    "never, second of two": ([SHOP, injector_map(neverInjectSelector=[OTHER, WEB])], web(), False),
    "never, an empty selector selects none": ([SHOP, injector_map(neverInjectSelector=[{}])], web(), True),
    "never by expression": (
        [SHOP, injector_map(neverInjectSelector=[expressions("job-name")])], web(pod={"job-name": "x"}), False,
    ),
    "never before always": ([SHOP, injector_map(**NEVER, **ALWAYS)], web(), False),
    "the pod's label before never": ([SHOP, injector_map(**NEVER)], web(pod={SIDECAR: "true"}), True),
    "the pod's annotation before never": ([SHOP, injector_map(**NEVER)], web(notes={SIDECAR: "true"}), True),
    "the pod's no before always": ([SHOP, injector_map(**ALWAYS)], web(pod={SIDECAR: "false"}), False),
    "always asks no webhook": ([ns("shop"), injector_map(**ALWAYS)], web(), False),
    "of another revision": ([SHOP, injector_map("canary", **NEVER)], web(), True),
    "of the revision": ([labelled("shop", REVISION, "canary"), injector_map("canary", **NEVER)], web(), False),
    "by way of a tag": (
        [labelled("shop", REVISION, "prod"), injector(rev="canary", tag="prod"), injector_map("canary", **NEVER)],
        web(), False,
    ),
    "namespaces by default": ([ns("shop"), injector_map(values={"sidecarInjectorWebhook": DEFAULTED})], web(), True),
    "namespaces by default, a disabled one": (
        [ns("shop", istio_injection="disabled"), injector_map(values={"sidecarInjectorWebhook": DEFAULTED})],
        web(), False,
    ),
    "an operator's never": ([SHOP, operator(sidecarInjectorWebhook=NEVER)], web(), False),
    "an operator's namespaces by default": ([ns("shop"), operator(sidecarInjectorWebhook=DEFAULTED)], web(), True),
    "an operator's policy": ([SHOP, operator(**{"global": {"proxy": {"autoInject": "disabled"}}})], web(), False),
    "an operator's revision": (
        [SHOP, operator(revision="canary", sidecarInjectorWebhook=NEVER)], web(), True,
    ),
    "a release of Flux": ([SHOP, flux(sidecarInjectorWebhook=NEVER)], web(), False),
    "an application of Argo CD": ([SHOP, argo({"valuesObject": {"sidecarInjectorWebhook": NEVER}})], web(), False),
    "an application of Argo CD, as text": (
        [SHOP, argo({"values": ryaml.dumps({"sidecarInjectorWebhook": NEVER})})], web(), False,
    ),
    "what the injector reads before what was asked for": (
        [SHOP, injector_map(), operator(sidecarInjectorWebhook=NEVER)], web(), True,
    ),
    "two releases disagree": (
        [SHOP, flux(sidecarInjectorWebhook=NEVER), operator()], web(),
        "unknown: 2 objects configure the injector of revision 'default', each differently",
    ),
    "namespace out of view, never": ([injector_map(**NEVER)], web(), False),
    "namespace out of view, always": ([injector_map(**ALWAYS)], web(), NOT_IN_VIEW),
    "namespace out of view, policy disabled": ([injector_map(policy="disabled")], web(), False),
    "text that is no configuration": (
        [SHOP, {**injector_map(), "data": {"config": "{{ .broken"}}], web(),
        "unknown: the injector's configuration cannot be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONFIGURED)
def test_the_injector_is_configured(case: str) -> None:
    objects, workload, expected = CONFIGURED[case]
    assert seen(fact(ROOT, *objects, workload), "in_mesh") == expected


@pytest.mark.parametrize("case", CONFIGURED)
def test_the_injectors_configuration_may_come_last(case: str) -> None:
    objects, workload, expected = CONFIGURED[case]
    assert seen(fact(workload, *reversed(objects), ROOT), "in_mesh") == expected


def test_files_that_never_speak_of_istio_have_no_mesh() -> None:
    found = fact(web())
    assert (seen(found, "in_mesh"), seen(found, "mode"), seen(found, "weak_ports")) == (False, "", [])


def test_outside_the_mesh_no_policy_matters() -> None:
    found = fact(ROOT, ns("shop"), web(), peer("mesh", "istio-system", "STRICT"))
    assert (seen(found, "in_mesh"), seen(found, "mode"), seen(found, "decided_by")) == (False, "", "")


# What files leave open. Columns: objects, what must be said about the mode.
OPEN: dict[str, tuple[list[Object], str]] = {
    "two mesh policies": (
        [*BASE, peer("a", "istio-system", "STRICT"), peer("b", "istio-system", "PERMISSIVE")],
        "istio-system/PeerAuthentication/a, istio-system/PeerAuthentication/b",
    ),
    "two namespace policies": (
        [*BASE, peer("a", "shop", "STRICT"), peer("b", "shop", "DISABLE")],
        "shop/PeerAuthentication/a, shop/PeerAuthentication/b",
    ),
    "two workload policies": (
        [*BASE, peer("a", "shop", "STRICT", app="web"), peer("b", "shop", "DISABLE", app="web")],
        "shop/PeerAuthentication/a, shop/PeerAuthentication/b",
    ),
    "one of two has an age": (
        [*BASE, peer("a", "shop", "STRICT", created=OLD), peer("b", "shop", "DISABLE")],
        "shop/PeerAuthentication/a, shop/PeerAuthentication/b",
    ),
    "default without the mesh's settings": ([SHOP, web()], "no mesh-wide PeerAuthentication among the files"),
    "unset without the mesh's settings": (
        [SHOP, web(), peer("namespace", "shop", "UNSET")], "no mesh-wide PeerAuthentication among the files",
    ),
    "a mode Istio does not know": ([*BASE, peer("mesh", "istio-system", "strict")], "no mTLS mode 'strict'"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPEN)
def test_what_files_leave_open_is_unknown(case: str) -> None:
    objects, reason = OPEN[case]
    found = fact(*objects)
    assert seen(found, "in_mesh") is True
    assert seen(found, "mode").startswith("unknown: ")
    assert reason in seen(found, "mode")
    assert seen(found, "decided_by") == seen(found, "mode")


def test_a_declared_mode_counts_without_the_meshs_settings() -> None:
    found = fact(SHOP, web(), peer("namespace", "shop", "STRICT"))
    assert (seen(found, "mode"), seen(found, "decided_by")) == ("STRICT", NAMESPACE)


@pytest.mark.parametrize(
    "settings_in_view",
    [
        ns("istio-system"),
        thing("install.istio.io/v1alpha1", "IstioOperator", "control-plane", spec={}),
        thing("v1", "ConfigMap", "istio", "istio-system", data={"mesh": "accessLogFile: /dev/stdout"}),
        {**web("istio-system"), "metadata": {"name": "istiod-canary", "namespace": "istio-system"}},
        peer("mesh", "istio-system", "UNSET"),
    ],
    ids=lambda body: body["kind"],
)
def test_the_default_is_known_where_the_meshs_settings_are_in_view(settings_in_view: Object) -> None:
    found = mesh_mtls.derive(inventory(settings_in_view, SHOP, web()))
    assert seen(found["all.yaml#shop/Deployment/web"], "mode") == "PERMISSIVE"


@pytest.mark.parametrize(
    "lodger",
    [
        {**web("istio-system"), "metadata": {"name": "grafana", "namespace": "istio-system"}},
        thing("cert-manager.io/v1", "Certificate", "gateway", "istio-system"),
        thing("v1", "ConfigMap", "grafana", "istio-system"),
        thing("networking.istio.io/v1", "Gateway", "public", "istio-system", spec={"servers": []}),
    ],
    ids=lambda body: body["kind"],
)
def test_what_only_lives_in_the_root_namespace_does_not_show_the_meshs_settings(lodger: Object) -> None:
    """Application repositories keep certificates, gateways and dashboards there; the mesh's settings are elsewhere."""
    found = mesh_mtls.derive(inventory(lodger, SHOP, web()))
    assert "no mesh-wide PeerAuthentication" in seen(found["all.yaml#shop/Deployment/web"], "mode")


@pytest.mark.parametrize(
    "setting",
    [
        thing("install.istio.io/v1alpha1", "IstioOperator", "cp", spec={"meshConfig": {"rootNamespace": "mesh-root"}}),
        thing(
            "v1", "ConfigMap", "istio", "mesh-root", data={"mesh": "enableTracing: true\nrootNamespace: mesh-root\n"}
        ),
    ],
    ids=lambda body: body["kind"],
)
def test_the_root_namespace_can_be_moved(setting: Object) -> None:
    found = fact(setting, SHOP, web(), peer("mesh", "mesh-root", "STRICT"), peer("old", "istio-system", "DISABLE"))
    assert (seen(found, "mode"), seen(found, "decided_by")) == ("STRICT", "mesh-root/PeerAuthentication/mesh")


def test_of_two_root_namespaces_the_first_counts_as_it_does_for_the_scope_of_policies() -> None:
    first, second = (
        thing("install.istio.io/v1alpha1", "IstioOperator", root, spec={"meshConfig": {"rootNamespace": root}})
        for root in ("mesh-root", "other-root")
    )
    found = fact(first, second, SHOP, web(), peer("mesh", "mesh-root", "STRICT"), peer("old", "other-root", "DISABLE"))
    assert seen(found, "decided_by") == "mesh-root/PeerAuthentication/mesh"


INSIDE = web("", pod={SIDECAR: "true"})


def test_one_file_goes_to_one_namespace() -> None:
    found = fact(ROOT, INSIDE, peer("here", "", "STRICT"))
    assert (seen(found, "mode"), seen(found, "decided_by")) == ("STRICT", "PeerAuthentication/here")


def test_a_policy_without_a_namespace_in_another_file_may_apply_or_not() -> None:
    found = fact(ROOT, INSIDE, peer("there", "", "STRICT"), files={2: "other.yaml"})
    assert "PeerAuthentication/there" in seen(found, "mode")
    assert seen(found, "mode").startswith("unknown: ")


def test_pods_without_a_namespace_may_be_anywhere() -> None:
    found = fact(ROOT, INSIDE, peer("mesh", "istio-system", "STRICT"), peer("b", "bank", "DISABLE"))
    assert seen(found, "mode").startswith("unknown: ")
    same_everywhere = fact(ROOT, INSIDE, peer("mesh", "istio-system", "STRICT"), peer("b", "bank", "STRICT"))
    assert seen(same_everywhere, "mode") == "STRICT"


def test_a_policy_that_changes_nothing_wherever_it_goes_leaves_nothing_open() -> None:
    found = fact(*BASE, peer("mesh", "istio-system", "STRICT"), peer("there", "", "STRICT"), files={4: "other.yaml"})
    assert seen(found, "mode") == "STRICT"


def test_the_weakest_of_several_pods_counts() -> None:
    def role(app: str) -> Object:
        return {"template": {"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "c"}]}}}

    spec = {"pytorchReplicaSpecs": {"Master": role("master"), "Worker": role("worker")}}
    job = thing("kubeflow.org/v1", "PyTorchJob", "train", "shop", spec=spec)
    strict, weak = peer("mesh", "istio-system", "STRICT"), peer("weak", "shop", "DISABLE", app="worker")
    assert seen(fact(ROOT, SHOP, job, strict, weak), "mode") == "DISABLE"


def cited(found: Fact, field: str) -> tuple[str, tuple[str | int, ...]]:
    citation = found.citations[field]
    return citation.origin.address, citation.path


def test_citations_name_the_value_that_decided() -> None:
    found = fact(*BASE, peer("workload", "shop", "PERMISSIVE", app="web", ports={"8080": "DISABLE"}))
    assert cited(found, "mode") == (WORKLOAD, ("spec", "mtls", "mode"))
    assert cited(found, "weak_ports") == (WORKLOAD, ("spec", "portLevelMtls", "8080"))
    assert cited(found, "in_mesh") == ("Namespace/shop", ("metadata", "labels", "istio-injection"))


def test_of_two_copies_of_a_policy_the_one_in_the_same_file_is_cited() -> None:
    """A folder may hold the manifests and what was dumped from the cluster."""
    copy = peer("namespace", "shop", "PERMISSIVE")
    found = fact(ROOT, SHOP, copy, web(), copy, files={2: "dump.yaml"})
    assert found.citations["mode"].origin.uri == "all.yaml"


@pytest.mark.parametrize(
    ("installed", "path"),
    [
        (injector_map(**NEVER), ("data", "config")),
        (operator(sidecarInjectorWebhook=NEVER), ("spec", "values", "sidecarInjectorWebhook", "neverInjectSelector")),
        (operator(**{"global": {"proxy": {"autoInject": "disabled"}}}), ("spec", "values", "global", "proxy", "autoInject")),
    ],
)  # fmt: skip
def test_the_injectors_configuration_is_cited(installed: Object, path: tuple[str, ...]) -> None:
    address = f"istio-system/{installed['kind']}/{installed['metadata']['name']}"
    assert cited(fact(ROOT, SHOP, installed, web()), "in_mesh") == (address, path)


def test_istios_default_is_cited_at_the_workload() -> None:
    assert cited(fact(*BASE), "mode") == ("shop/Deployment/web", ("metadata", "name"))


def test_a_pods_own_word_is_cited_where_it_stands() -> None:
    found = fact(ROOT, SHOP, web(pod={SIDECAR: "false"}))
    assert cited(found, "in_mesh") == (
        "shop/Deployment/web", ("spec", "template", "metadata", "labels", SIDECAR),
    )  # fmt: skip


def test_resources_that_run_no_pods_are_left_to_the_defaults() -> None:
    assert mesh_mtls.derive(inventory(ROOT, SHOP, peer("mesh", "istio-system", "STRICT"))) == {}


MODES = st.sampled_from(["", "UNSET", "STRICT", "PERMISSIVE", "DISABLE"])
ANY_POLICY = st.builds(
    lambda name, namespace, mode, app, ports: peer(name, namespace, mode, ports=ports, **({"app": app} if app else {})),
    st.sampled_from("abcd"),
    st.sampled_from(["", "shop", "bank", "istio-system"]),
    MODES,
    st.sampled_from(["", "web", "db"]),
    st.dictionaries(st.sampled_from([80, "90"]), MODES, max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY_POLICY, max_size=4), st.sampled_from([[SHOP, web()], [web()], [web("")], [ns("shop"), INSIDE]]))
def test_adding_ages_may_settle_what_is_unknown_but_contradicts_nothing(
    policies: list[Object], rest: list[Object]
) -> None:
    without = fact(ROOT, *rest, *policies)
    aged = [
        {**policy, "metadata": {**policy["metadata"], "creationTimestamp": f"2024-01-0{age + 1}T00:00:00Z"}}
        for age, policy in enumerate(policies)
    ]
    with_ages = fact(ROOT, *rest, *aged)
    for field in mesh_mtls.FIELDS:
        known = [seen(found, field) for found in (without, with_ages)]
        if field != "decided_by" and not any(str(value).startswith("unknown: ") for value in known):
            assert known[0] == known[1]


def test_a_policy_that_cannot_be_read_leaves_the_mode_open() -> None:
    hidden = peer("hidden", "shop")
    hidden["spec"] = Unknown("access denied")
    found = fact(*BASE, hidden)
    assert (seen(found, "in_mesh"), seen(found, "mode")) == (True, "unknown: access denied")


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.builds(Unknown, st.just("odd")),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(
            ["template", "metadata", "labels", "annotations", "spec", "selector", "matchLabels", "mtls", "mode",
             SIDECAR, "portLevelMtls", "containers", "name", "args", "meshConfig", "data", "mesh"]
        ) | st.integers(0, 99),
        inner, max_size=3,
    ),
    max_leaves=20,
)  # fmt: skip
ODD_OBJECT = st.builds(
    lambda kind, name, rest: {"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": name}, **rest},
    st.sampled_from(
        [
            ("apps/v1", "Deployment"),
            ("v1", "Namespace"),
            ("v1", "ConfigMap"),
            ("security.istio.io/v1", "PeerAuthentication"),
            ("install.istio.io/v1", "IstioOperator"),
        ]
    ),
    st.sampled_from(["shop", "istio", "istio-system"]),
    st.dictionaries(st.sampled_from(["spec", "data"]), ODD, max_size=2),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ODD_OBJECT, max_size=4))
def test_no_shape_breaks_it(objects: list[Object]) -> None:
    for found in mesh_mtls.derive(inventory(ROOT, SHOP, *objects)).values():
        assert set(found.values) <= set(mesh_mtls.FIELDS)
