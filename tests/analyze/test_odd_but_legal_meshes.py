"""What a mesh accepts and few people write: each row says what the sources of Istio, Linkerd or Cilium do with it."""

from typing import Any

import pytest

from scanner.analyze import mesh_mtls
from tests.analyze import test_mesh_clients as clients
from tests.analyze.test_mesh_mtls import (
    AMBIENT,
    DEFAULT,
    MESH,
    NEW,
    ODD_WORD,
    OLD,
    REVISION,
    ROOT,
    SHOP,
    SIDECAR,
    WEB,
    Object,
    cited,
    fact,
    flux,
    injector,
    injector_map,
    labelled,
    ns,
    operator,
    peer,
    seen,
    thing,
    web,
)
from tests.analyze.test_other_meshes import (
    INJECT,
    MESHED,
    POLICY,
    STRICT,
    annotated,
    installed,
    lets_in,
    linkerd,
    server,
)

STRICT_MESH = peer("mesh", "istio-system", "STRICT")
INTERCEPTION = "sidecar.istio.io/interceptionMode"
PROXY_CONFIG = "proxy.istio.io/config"
INCLUDED, EXCLUDED = (f"traffic.sidecar.istio.io/{word}InboundPorts" for word in ("include", "exclude"))
TEMPLATES = "inject.istio.io/templates"


def mesh_config(words: str, revision: str = "") -> Object:
    name = f"istio-{revision}".removesuffix("-")
    return thing("v1", "ConfigMap", name, "istio-system", data={"mesh": words})


def ports(**proxy: str) -> Object:
    return {"global": {"proxy": proxy}}


def sail(**values: Any) -> Object:
    return thing("sailoperator.io/v1", "Istio", "default", spec={"namespace": "istio-system", "values": values})


NATIVE = {"name": "metrics", "restartPolicy": "Always", "ports": [{"containerPort": 9102}]}
START = {"name": "migrate", "ports": [{"containerPort": 9102}]}
NONE_FOR_ALL = mesh_config("defaultConfig:\n  interceptionMode: NONE\n")

# Which ports go past the sidecar. Columns: objects, the workload, the ports.
BYPASSED: dict[str, tuple[list[Object], Object, Any]] = {
    "the pod's proxy config": ([], web(notes={PROXY_CONFIG: "interceptionMode: NONE\n"}), ["*"]),
    "the pod's proxy config, as JSON": ([], web(notes={PROXY_CONFIG: '{"interceptionMode":"NONE"}'}), ["*"]),
    "a proxy config about other things": ([], web(notes={PROXY_CONFIG: "concurrency: 2"}), []),
    "a proxy config that is no YAML": ([], web(notes={PROXY_CONFIG: "{{ .x"}), []),
    "the annotation before the proxy config": (
        [], web(notes={PROXY_CONFIG: "interceptionMode: NONE", INTERCEPTION: "REDIRECT"}), [],
    ),
    "the mesh's proxy config": ([NONE_FOR_ALL], web(), ["*"]),
    "the mesh's proxy config in a revision's map": (
        [mesh_config("defaultConfig: {interceptionMode: NONE}", "canary")], web(), ["*"],
    ),
    "an operator's proxy config": (
        [clients.operator(defaultConfig={"interceptionMode": "NONE"})], web(), ["*"],
    ),
    "the pod's proxy config before the mesh's": (
        [NONE_FOR_ALL], web(notes={PROXY_CONFIG: "interceptionMode: TPROXY"}), [],
    ),
    "the installation's excluded ports": ([injector_map(values=ports(excludeInboundPorts="8080,9090"))], web(), ["8080", "9090"]),
    "an operator's excluded ports": ([operator(**ports(excludeInboundPorts="8080"))], web(), ["8080"]),
    "the Sail operator's excluded ports": ([sail(**ports(excludeInboundPorts="8080"))], web(), ["8080"]),
    "the pod's exclusion before the installation's": (
        [operator(**ports(excludeInboundPorts="8080"))], web(notes={EXCLUDED: ""}), [],
    ),
    "the installation includes none": ([operator(**ports(includeInboundPorts=""))], web(), ["*"]),
    "the chart's own values": (
        [injector_map(values=ports(includeInboundPorts="*", excludeInboundPorts=""))], web(), [],
    ),
    "an interface left out": ([], web(notes={"traffic.sidecar.istio.io/excludeInterfaces": "eth0"}), ["*"]),
    "a native sidecar's port": ([], web(notes={INCLUDED: "80"}, initContainers=[NATIVE]), ["9102"]),
    "a port of the start": ([], web(notes={INCLUDED: "80"}, initContainers=[START]), []),
    "two revisions that differ": (
        [injector_map(), injector_map("canary", values=ports(excludeInboundPorts="8080"))], web(),
        "unknown: the control planes in view lead inbound traffic to sidecars each in a way of its own",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BYPASSED)
def test_ports_past_the_sidecar(case: str) -> None:
    objects, workload, expected = BYPASSED[case]
    found = fact(ROOT, SHOP, STRICT_MESH, *objects, workload)
    assert (seen(found, "bypassed_ports"), seen(found, "mode")) == (expected, "STRICT")


def test_a_setting_of_the_installation_is_cited() -> None:
    found = fact(ROOT, SHOP, STRICT_MESH, operator(**ports(excludeInboundPorts="8080")), web())
    assert cited(found, "bypassed_ports") == (
        "istio-system/IstioOperator/mesh", ("spec", "values", "global", "proxy", "excludeInboundPorts"),
    )  # fmt: skip
    assert cited(fact(ROOT, SHOP, STRICT_MESH, NONE_FOR_ALL, web()), "bypassed_ports") == (
        "istio-system/ConfigMap/istio", ("data", "mesh"),
    )  # fmt: skip


AMBIENT_SHOP = labelled("shop", AMBIENT, "ambient")
PAST_ZTUNNEL = "ambient.istio.io/bypass-inbound-capture"


@pytest.mark.parametrize(
    ("home", "notes", "expected"),
    [
        (AMBIENT_SHOP, {PAST_ZTUNNEL: "true"}, ["*"]),
        (AMBIENT_SHOP, {PAST_ZTUNNEL: "false"}, []),
        (AMBIENT_SHOP, {EXCLUDED: "8080"}, []),
        (SHOP, {PAST_ZTUNNEL: "true"}, []),
    ],
    ids=["past ztunnel", "not past ztunnel", "a sidecar's annotation", "ztunnel's annotation at a sidecar"],
)
def test_ports_past_ztunnel(home: Object, notes: Object, expected: list[str]) -> None:
    found = fact(ROOT, home, STRICT_MESH, web(notes=notes))
    assert (seen(found, "bypassed_ports"), seen(found, "mode")) == (expected, "STRICT")
    if expected:
        path = ("spec", "template", "metadata", "annotations", PAST_ZTUNNEL)
        assert cited(found, "bypassed_ports") == ("shop/Deployment/web", path)


NO_SIDECAR = "unknown: its pods ask for {} in place of a sidecar"

# Whether pods join the mesh. Columns: the namespace, the workload, whether it is in.
JOINED: dict[str, tuple[list[Object], Object, Any]] = {
    "gRPC without a proxy": ([SHOP], web(notes={TEMPLATES: "grpc-agent"}), NO_SIDECAR.format("grpc-agent")),
    "a template of one's own": ([SHOP], web(notes={TEMPLATES: "mine, other"}), NO_SIDECAR.format("mine, other")),
    "a template beside the sidecar": ([SHOP], web(notes={TEMPLATES: "sidecar, spire"}), True),
    "a template where nothing is injected": ([ns("shop")], web(notes={TEMPLATES: "grpc-agent"}), False),
    "a template in ambient mode": ([labelled("shop", AMBIENT, "ambient")], web(notes={TEMPLATES: "mine"}), True),
    "a gateway among templates": ([SHOP], web(notes={TEMPLATES: "gateway, mine"}), False),
    "a label without a value hides the annotation": ([SHOP], web(pod={SIDECAR: ""}, notes={SIDECAR: "false"}), True),
    "an old word for yes where it changes nothing": ([SHOP], web(pod={SIDECAR: "yes"}), True),
    "an old word for no where nothing is injected": ([ns("shop")], web(pod={SIDECAR: "no"}), False),
    "an old word for no, and never": ([SHOP, injector_map(neverInjectSelector=[WEB])], web(pod={SIDECAR: "no"}), False),
    "an old word for yes, and never": (
        [SHOP, injector_map(neverInjectSelector=[WEB])], web(pod={SIDECAR: "Yes"}), ODD_WORD.format("Yes"),
    ),
    "ambient, an odd word of the pod": ([labelled("shop", AMBIENT, "ambient")], web(pod={AMBIENT: "no"}), True),
    "an odd word of the namespace": ([labelled("shop", AMBIENT, "yes")], web(), False),
}  # fmt: skip


@pytest.mark.parametrize("case", JOINED)
def test_membership(case: str) -> None:
    namespaces, workload, expected = JOINED[case]
    assert seen(fact(ROOT, *namespaces, workload), "in_mesh") == expected


def of_kind(api: str, kind: str, name: str = "web", **spec: Any) -> Object:
    return thing(api, kind, name, "shop", spec=spec)


POD = {"template": {"spec": {"containers": [{"name": "c"}]}}}
EXISTS = {"matchExpressions": [{"key": "job-name", "operator": "Exists"}]}
SERVING = of_kind("serving.kserve.io/v1beta1", "InferenceService", predictor={"containers": [{"name": "c"}]})
KNATIVE = of_kind("serving.knative.dev/v1", "Service", **POD)
RAY = of_kind("ray.io/v1", "RayCluster", headGroupSpec=POD, workerGroupSpecs=[{"groupName": "g", **POD}])
TRAINING = of_kind("kubeflow.org/v1", "PyTorchJob", pytorchReplicaSpecs={"Master": POD, "Worker": POD})
MADE_UP = "unknown: a controller makes this label up when it makes the pods"


def weak(**labels: str) -> Object:
    body = peer("weak", "shop", "DISABLE")
    return {**body, "spec": {**body["spec"], "selector": {"matchLabels": labels}}}


# Labels that no manifest shows. Columns: the workload, a policy for its pods, the mode.
GIVEN: dict[str, tuple[Object, Object, str]] = {
    "a model": (SERVING, weak(**{"serving.kserve.io/inferenceservice": "web"}), "DISABLE"),
    "a part of a model": (SERVING, weak(component="transformer"), "STRICT"),
    "a service of Knative": (KNATIVE, weak(**{"serving.knative.dev/service": "web"}), "DISABLE"),
    "a revision of Knative": (KNATIVE, weak(**{"serving.knative.dev/revision": "web-1"}), MADE_UP),
    "a head of Ray": (RAY, weak(**{"ray.io/node-type": "head", "ray.io/cluster": "web"}), "DISABLE"),
    "another cluster of Ray": (RAY, weak(**{"ray.io/cluster": "other"}), "STRICT"),
    "workers that train": (TRAINING, weak(**{"training.kubeflow.org/replica-type": "worker"}), "DISABLE"),
    "a job": (of_kind("batch/v1", "Job", **POD), weak(**{"job-name": "web"}), "DISABLE"),
    "jobs by the clock": (of_kind("batch/v1", "CronJob", jobTemplate={"spec": POD}), weak(**{"job-name": "web-1"}), MADE_UP),
    "one pod of a set": (
        of_kind("apps/v1", "StatefulSet", **POD), weak(**{"statefulset.kubernetes.io/pod-name": "web-0"}), MADE_UP,
    ),
    "one pod of another set": (
        of_kind("apps/v1", "StatefulSet", **POD),
        weak(**{"statefulset.kubernetes.io/pod-name": "web-0", "app": "other"}), "STRICT",
    ),
    "a label that is nobody's": (of_kind("apps/v1", "StatefulSet", **POD), weak(tier="x"), "STRICT"),
}  # fmt: skip


@pytest.mark.parametrize("case", GIVEN)
def test_policies_select_by_labels_that_controllers_give(case: str) -> None:
    workload, policy, mode = GIVEN[case]
    assert seen(fact(ROOT, SHOP, STRICT_MESH, policy, workload), "mode") == mode


def test_the_injector_never_injects_jobs_by_a_label_that_no_manifest_shows() -> None:
    never = injector_map(neverInjectSelector=[EXISTS])
    job, by_the_clock = of_kind("batch/v1", "Job", **POD), of_kind("batch/v1", "CronJob", jobTemplate={"spec": POD})
    assert seen(fact(ROOT, SHOP, STRICT_MESH, never, job), "in_mesh") is False
    assert seen(fact(ROOT, SHOP, STRICT_MESH, never, by_the_clock), "in_mesh") is False


def of_revision(revision: str, body: Object) -> Object:
    return {**body, "metadata": {**body["metadata"], "labels": {REVISION: revision}}}


CANARY = of_revision("canary", STRICT_MESH)
OPEN = (
    "unknown: whether istio-system/PeerAuthentication/mesh applies depends on the revision of the control plane, "
    "which the files do not tell"
)

# Policies of one revision. Columns: objects, mode, who decided.
REVISED: dict[str, tuple[list[Object], str, str]] = {
    "of another": ([SHOP, injector(rev="default"), CANARY], "PERMISSIVE", DEFAULT),
    "of its own": ([labelled("shop", REVISION, "canary"), injector(rev="canary"), CANARY], "STRICT", MESH),
    "of its own by way of a tag": (
        [labelled("shop", REVISION, "prod"), injector(rev="canary", tag="prod"), CANARY], "STRICT", MESH,
    ),
    "no injector is in view": ([SHOP, CANARY], OPEN, OPEN),
    "settled by a narrower one": (
        [SHOP, CANARY, peer("namespace", "shop", "STRICT")], "STRICT", "shop/PeerAuthentication/namespace",
    ),
    "open, but all the same": ([SHOP, of_revision("canary", peer("mesh", "istio-system", "PERMISSIVE"))], "PERMISSIVE", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REVISED)
def test_a_policy_may_be_of_one_revision(case: str) -> None:
    objects, mode, decider = REVISED[case]
    found = fact(ROOT, *objects, web())
    assert seen(found, "mode") == mode
    assert not decider or seen(found, "decided_by") == decider


@pytest.mark.parametrize(
    "setting",
    [
        flux(meshConfig={"rootNamespace": "mesh-root"}),
        sail(meshConfig={"rootNamespace": "mesh-root"}),
        mesh_config("rootNamespace: mesh-root\n", "canary"),
        mesh_config('{"rootNamespace": "mesh-root"}'),
    ],
    ids=["flux", "sail", "a revision's map", "JSON"],
)
def test_the_root_namespace_is_found_wherever_the_mesh_is_configured(setting: Object) -> None:
    found = fact(setting, SHOP, web(), peer("mesh", "mesh-root", "STRICT"), peer("old", "istio-system", "DISABLE"))
    assert (seen(found, "mode"), seen(found, "decided_by")) == ("STRICT", "mesh-root/PeerAuthentication/mesh")


def seeing(**labels: str) -> Object:
    return sail(meshConfig={"discoverySelectors": [{"matchLabels": labels}]})


SEEN_SHOP = {**SHOP, "metadata": {"name": "shop", "labels": {"istio-injection": "enabled", "mesh": "on"}}}
SEEN_ROOT = labelled("istio-system", "mesh", "on")
OWN = peer("namespace", "shop", "STRICT")
OUT_OF_SIGHT = "unknown: whether istio-system/PeerAuthentication/mesh applies depends on the namespaces that the control plane looks into"

# Namespaces that the control plane looks into. Columns: objects, mode.
DISCOVERED: dict[str, tuple[list[Object], str]] = {
    "both": ([seeing(mesh="on"), SEEN_ROOT, SEEN_SHOP, STRICT_MESH], "STRICT"),
    "not the policy's": ([seeing(mesh="on"), SEEN_ROOT, SHOP, OWN], "PERMISSIVE"),
    "not the root's, which depends on the version": ([seeing(mesh="on"), ROOT, SEEN_SHOP, STRICT_MESH], OUT_OF_SIGHT),
    "a root out of view": ([seeing(mesh="on"), SEEN_SHOP, STRICT_MESH], "STRICT"),
    "no selectors": ([sail(meshConfig={"discoverySelectors": []}), ROOT, SHOP, OWN], "STRICT"),
    "a selector that takes all": ([sail(meshConfig={"discoverySelectors": [{}]}), ROOT, SHOP, OWN], "STRICT"),
    "two control planes, one of which does not": ([seeing(mesh="on"), mesh_config("{}", "b"), SEEN_ROOT, SHOP, OWN], ""),
}  # fmt: skip


@pytest.mark.parametrize("case", DISCOVERED)
def test_policies_count_where_the_control_plane_looks(case: str) -> None:
    objects, mode = DISCOVERED[case]
    found = seen(fact(*objects, web()), "mode")
    assert found == mode if mode else found.startswith("unknown: whether shop/PeerAuthentication/namespace applies")


def aged(created: str, body: Object) -> Object:
    return {**body, "metadata": {**body["metadata"], "creationTimestamp": created}}


MUTUAL = clients.rule("web", policy=clients.tls("ISTIO_MUTUAL"), name="mutual")
OFF = clients.rule("web", policy=clients.OFF, name="off")
OFF_ADDRESS = "shop/DestinationRule/off"
BY_SUBSET = clients.rule(
    "web", name="off", subsets=[{"name": "v1", "labels": {"app": "web"}, "trafficPolicy": clients.OFF}]
)
BY_AGE = (
    "unknown: which of shop/DestinationRule/mutual, shop/DestinationRule/off counts depends on their ages, "
    "which the files do not tell"
)
SOME = {"matchLabels": {"app": "client"}}

# Columns: the rules (and other objects), who makes clients use plaintext.
RULES: dict[str, tuple[list[Object], Any]] = {
    "two for one host": ([MUTUAL, OFF], BY_AGE),
    "two for one host, which are both of the mesh": (
        [MUTUAL, clients.rule("web", policy={"loadBalancer": {}}, name="off")], [],
    ),
    "two for one host, the older is mutual": ([aged(NEW, OFF), aged(OLD, MUTUAL)], []),
    "two for one host, the older is off": ([aged(NEW, MUTUAL), aged(OLD, OFF)], [OFF_ADDRESS]),
    "the older has no policy": ([aged(OLD, clients.rule("web", name="bare")), aged(NEW, OFF)], [OFF_ADDRESS]),
    "subsets of both count": ([aged(OLD, MUTUAL), aged(NEW, BY_SUBSET)], [OFF_ADDRESS]),
    "one for some clients": ([MUTUAL, {**OFF, "spec": {**OFF["spec"], "workloadSelector": SOME}}], [OFF_ADDRESS]),
    "one for some clients stays at home": (
        [
            clients.rule("*.local", "istio-system", clients.OFF, name="off", workloadSelector=SOME),
            MUTUAL,
        ],
        ["istio-system/DestinationRule/off"],
    ),
    "the mesh keeps rules where they are": (
        [
            mesh_config("defaultDestinationRuleExportTo: ['.']\n"),
            clients.rule("*.local", "istio-system", clients.OFF, name="off"), MUTUAL,
        ],
        ["istio-system/DestinationRule/off"],
    ),
    "the mesh keeps rules where they are, this one goes further": (
        [
            mesh_config("defaultDestinationRuleExportTo: ['.']\n"),
            clients.rule("*.local", "istio-system", clients.OFF, name="off", exportTo=["*"]),
            clients.rule("web", policy=clients.tls("ISTIO_MUTUAL"), exportTo=["*"]),
        ],
        [],
    ),
    "exported to nobody": ([clients.rule("web", policy=clients.OFF, exportTo=["~"])], []),
    "exported to others than its clients": (
        [clients.rule("web.shop.svc.cluster.local", "bank", clients.OFF, exportTo=["shop"])], [],
    ),
    "automatic off in a release of Flux": ([flux(meshConfig={"enableAutoMtls": False})], ["istio-system/HelmRelease/istiod"]),
    "automatic off in a revision's map": (
        [mesh_config("enableAutoMtls: off\n", "canary")], ["istio-system/ConfigMap/istio-canary"],
    ),
    "automatic off as JSON": ([mesh_config('{"enableAutoMtls": false}')], ["istio-system/ConfigMap/istio"]),
    "another setting that ends alike": ([mesh_config("x:\n  enableAutoMtls: false\n")], []),
}  # fmt: skip


@pytest.mark.parametrize("case", RULES)
@pytest.mark.parametrize("turned", [False, True], ids=["as written", "the other way round"])
def test_how_clients_connect(case: str, turned: bool) -> None:
    objects, expected = RULES[case]
    found = clients.fact(ROOT, SHOP, clients.service(), web(), *(reversed(objects) if turned else objects))
    assert clients.seen(found, "plaintext_rules") == expected


ONE_POD = {"selector": {"statefulset.kubernetes.io/pod-name": "web-0"}, "ports": [{"port": 80}]}


@pytest.mark.parametrize(("rules", "expected"), [([], []), ([MUTUAL], []), ([OFF], MADE_UP)])
def test_a_service_for_one_pod_of_a_set(rules: list[Object], expected: Any) -> None:
    workload = of_kind("apps/v1", "StatefulSet", **POD)
    found = clients.fact(ROOT, SHOP, of_kind("v1", "Service", **ONE_POD), workload, *rules)
    assert clients.seen(found, "plaintext_rules") == expected


SKIPPED = "config.linkerd.io/skip-inbound-ports"
UNMESHED = ""
HEALTH = linkerd("HTTPRoute", "health", parentRefs=[{"kind": "Server", "name": "web", "group": "policy.linkerd.io"}])
STANDARD = {**HEALTH, "apiVersion": "gateway.networking.k8s.io/v1"}


def lets_probes_in(kind: str = "HTTPRoute", name: str = "health") -> Object:
    references = [{"kind": "NetworkAuthentication", "name": "kubelet"}]
    target = {"kind": kind, "name": name}
    return linkerd("AuthorizationPolicy", "probes", targetRef=target, requiredAuthenticationRefs=references)


# Columns: objects, mode, weak ports.
LINKERD: dict[str, tuple[list[Object], str, list[int]]] = {
    "pods without a token are left alone": ([STRICT, web(automountServiceAccountToken=False)], UNMESHED, []),
    "a token asked for": ([STRICT, web(automountServiceAccountToken=True)], "STRICT", []),
    "a word that is none": ([STRICT, web(notes={INJECT: "true"})], UNMESHED, []),
    "a namespace with a word that is none": ([annotated("shop", **{INJECT: "true"}), installed(), web()], UNMESHED, []),
    "a route open to probes": ([STRICT, server(), HEALTH, lets_probes_in(), web()], "STRICT", [8080]),
    "a standard route open to probes": ([STRICT, server(), STANDARD, lets_probes_in(), web()], "STRICT", [8080]),
    "another route open to probes": ([STRICT, server(), HEALTH, lets_probes_in(name="x"), web()], "STRICT", []),
}  # fmt: skip


def values(words: str) -> Object:
    return thing("v1", "ConfigMap", "linkerd-config", "linkerd", data={"values": words})


def released(**of_chart: Any) -> Object:
    spec = {"chart": {"spec": {"chart": "linkerd-control-plane"}}, "values": of_chart}
    return thing("helm.toolkit.fluxcd.io/v2", "HelmRelease", "linkerd", "linkerd", spec=spec)


LISTENS = web(containers=[{"name": "web", "ports": [{"containerPort": 8080, "name": "http"}]}])
TWICE = [
    {"name": "a", "ports": [{"name": "http", "containerPort": 80}]},
    {"name": "b", "ports": [{"name": "http", "containerPort": 81}]},
]
OPEN_TO_ALL = annotated("shop", **{INJECT: "enabled", POLICY: "all-unauthenticated"})

# The installation and its namespaces. Columns: objects, mode, ports past the proxy.
INSTALLED: dict[str, tuple[list[Object], str, Any]] = {
    "a word of that name elsewhere": (
        [MESHED, values("other:\n  defaultInboundPolicy: deny\nproxy:\n  cores: 1\n"), web()], "PERMISSIVE", [],
    ),
    "written in braces": ([MESHED, values("proxy: {defaultInboundPolicy: all-authenticated}"), web()], "STRICT", []),
    "the former name": ([MESHED, values("policyController: {defaultAllowPolicy: deny}"), web()], "STRICT", []),
    "a release of Flux": ([MESHED, released(proxy={"defaultInboundPolicy": "deny"}), web()], "STRICT", []),
    "a release that says nothing": ([MESHED, released(), web()], "PERMISSIVE", []),
    "what runs before what is asked for": (
        [MESHED, released(proxy={"defaultInboundPolicy": "deny"}), installed(), web()], "PERMISSIVE", [],
    ),
    "ports that the installation ignores": (
        [STRICT, values("proxyInit: {ignoreInboundPorts: '25,8000-8100'}"), LISTENS], "STRICT", ["8080"],
    ),
    "ports that the installation ignores and nobody has": (
        [STRICT, values("proxyInit: {ignoreInboundPorts: '4567,4568'}"), LISTENS], "STRICT", [],
    ),
    "the pod's word before the installation's": (
        [STRICT, values("proxyInit: {ignoreInboundPorts: '8080'}"), web(notes={SKIPPED: "25"})], "STRICT", ["25"],
    ),
    "two files with different policies": (
        [STRICT, OPEN_TO_ALL, web()],
        "unknown: 2 files declare namespace shop, with different config.linkerd.io/default-inbound-policy", [],
    ),
    "two files of which one asks for proxies": (
        [ns("shop"), STRICT, web()], "unknown: 2 files declare namespace shop, with different linkerd.io/inject",
        "unknown: 2 files declare namespace shop, with different linkerd.io/inject",
    ),
    "two files that agree": ([STRICT, STRICT, web()], "STRICT", []),
}  # fmt: skip


@pytest.mark.parametrize("case", INSTALLED)
def test_how_linkerd_is_installed(case: str) -> None:
    objects, mode, skipped = INSTALLED[case]
    found = fact(*objects)
    assert (seen(found, "mode"), seen(found, "bypassed_ports")) == (mode, skipped)


def test_a_name_may_stand_for_several_ports() -> None:
    found = fact(STRICT, server("http"), lets_in("NetworkAuthentication"), web(containers=TWICE))
    assert seen(found, "weak_ports") == [80, 81]


@pytest.mark.parametrize("case", LINKERD)
def test_linkerd(case: str) -> None:
    objects, mode, weak = LINKERD[case]
    found = fact(*objects)
    assert (seen(found, "mode"), seen(found, "weak_ports")) == (mode, weak)


def test_linkerd_asks_no_installation_where_nothing_is_meshed() -> None:
    assert seen(fact(MESHED, web(automountServiceAccountToken=False)), "in_mesh") is False


ENCRYPTED = thing("v1", "ConfigMap", "cilium-config", "kube-system", data={"enable-wireguard": "true"})


def clusterwide(**labels: str) -> Object:
    spec = {"endpointSelector": {"matchLabels": labels}, "ingress": [{"authentication": {"mode": "required"}}]}
    return thing("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "mutual", spec=spec)


TEAM = "k8s:io.cilium.k8s.namespace.labels.team"

# Columns: objects, mode.
CILIUM: dict[str, tuple[list[Object], str]] = {
    "by the pods' namespace": ([clusterwide(**{"k8s:io.kubernetes.pod.namespace": "shop"}), web()], "STRICT"),
    "of another namespace": ([clusterwide(**{"k8s:io.kubernetes.pod.namespace": "bank"}), web()], ""),
    "by a label of the namespace": ([labelled("shop", "team", "a"), clusterwide(**{TEAM: "a"}), web()], "STRICT"),
    "by another label of the namespace": ([labelled("shop", "team", "b"), clusterwide(**{TEAM: "a"}), web()], ""),
    "by a label of a namespace out of view": (
        [clusterwide(**{TEAM: "a"}), web()], "unknown: namespace shop, by whose labels Cilium chooses, is not in view",
    ),
    "of pods without a namespace": (
        [clusterwide(**{"io.kubernetes.pod.namespace": "shop"}), web("")],
        "unknown: the manifest names no namespace, by which Cilium chooses",
    ),
    "by the service account": (
        [clusterwide(**{"io.cilium.k8s.policy.serviceaccount": "w"}), web(serviceAccountName="w")], "STRICT",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CILIUM)
def test_cilium(case: str) -> None:
    objects, mode = CILIUM[case]
    (found,) = mesh_mtls.derive(clients.inventory(ENCRYPTED, *objects)).values()
    assert seen(found, "mode") == mode
