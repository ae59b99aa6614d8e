"""The Kubernetes normalizer, asked as policies and facts ask it."""

from collections.abc import Iterable
from typing import Any

import pytest
import ryaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scanner.model import Document, Origin, Problem, Resource, Unknown
from scanner.normalize import kubernetes


def documents(manifest: str) -> list[Document]:
    bodies = [body for body in ryaml.loads_all(manifest) if body]
    return [document(body, index) for index, body in enumerate(bodies)]


def document(body: Any, index: int = 0) -> Document:
    metadata = body.get("metadata") if isinstance(body.get("metadata"), dict) else {}
    parts = [metadata.get("namespace"), body.get("kind"), metadata.get("name")]
    address = "/".join(part for part in parts if isinstance(part, str) and part)
    return Document("kubernetes", body, Origin("app.yaml", "kubernetes_manifest", (index,), address))


def read(manifest: str) -> list[Resource]:
    return understood(documents(manifest))


def understood(found: list[Document]) -> list[Resource]:
    """What the normalizer makes of documents; these tests expect it to understand all of them."""
    resources = list(kubernetes.resources(found))
    assert [problem for problem in resources if isinstance(problem, Problem)] == []
    return [resource for resource in resources if isinstance(resource, Resource)]


def only(manifest: str) -> Resource:
    (resource,) = read(manifest)
    return resource


def counts(resource: Resource) -> list[tuple[Any, Any, Any]]:
    return [(t["replicas"], t["minimum"], t["maximum"]) for t in resource.attributes["pod_templates"]]


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {team: checkout, version: 1.5}}
spec:
  replicas: 3
  template:
    metadata: {labels: {app: web}, annotations: {note: here}}
    spec:
      serviceAccountName: web
      hostNetwork: true
      containers: [{name: web, image: web}]
"""


def test_a_deployment_is_a_workload() -> None:
    web = only(DEPLOYMENT)
    assert (web.type, web.native_type, web.provider, web.name) == ("workload", "apps/Deployment", "kubernetes", "web")
    assert web.uid == "app.yaml#shop/Deployment/web"
    assert web.tags == {"team": "checkout", "version": "1.5"}
    assert web.region == ""
    assert web.attributes["namespace"] == "shop"
    assert web.attributes["service_account"] == "web"
    assert web.attributes["host_network"] is True
    assert web.attributes["pod_labels"] == {"app": "web"}
    assert web.attributes["pod_annotations"] == {"note": "here"}
    assert web.attributes["role"] == "general"
    (template,) = web.attributes["pod_templates"]
    assert template["path"] == ["spec", "template", "spec"]
    assert template["spec"]["containers"][0]["image"] == "web"
    assert counts(web) == [(3, 3, 3)]


def test_citations_point_at_what_is_written() -> None:
    web = only(DEPLOYMENT)
    assert web.citations["attributes.host_network"].path == ("spec", "template", "spec", "hostNetwork")
    assert web.citations["tags"].path == ("metadata", "labels")
    assert web.citations["attributes.spot"].path == ("spec", "template", "spec")


def test_an_object_without_a_namespace_does_not_claim_one() -> None:
    pod = only("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {}}")
    assert isinstance(pod.attributes["namespace"], Unknown)


def test_every_kind_in_the_table_is_found() -> None:
    assert only("{apiVersion: v1, kind: Namespace, metadata: {name: n}}").type == "kubernetes.namespace"
    assert only("{apiVersion: v1, kind: ConfigMap, metadata: {name: n}}").type == "kubernetes.config_map"
    crd = only("{apiVersion: example.com/v1, kind: Thing, metadata: {name: n}}")
    assert (crd.type, crd.native_type) == ("other", "example.com/Thing")


HPA = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 10}
"""

KEDA = """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: k, namespace: shop}
spec: {scaleTargetRef: {name: web}}
"""


@pytest.mark.parametrize(
    ("scaler", "expected"),
    [
        (HPA, (3, 2, 10)),
        (KEDA, (3, 0, 100)),
        (HPA + "---" + KEDA, (3, 0, 100)),
        (HPA.replace("namespace: shop", "namespace: other"), (3, 3, 3)),
        (HPA.replace("kind: Deployment", "kind: StatefulSet"), (3, 3, 3)),
    ],
)
def test_autoscalers_widen_the_bounds(scaler: str, expected: tuple[int, int, int]) -> None:
    web = next(resource for resource in read(DEPLOYMENT + "---" + scaler) if resource.type == "workload")
    assert counts(web) == [expected]


def test_a_deployment_switched_off_is_not_scaled() -> None:
    off = DEPLOYMENT.replace("replicas: 3", "replicas: 0")
    web = next(resource for resource in read(off + "---" + HPA) if resource.type == "workload")
    assert counts(web) == [(0, 0, 0)]


def workload(group: str, kind: str, spec: str, annotations: str = "{}") -> Resource:
    return only(
        f"{{apiVersion: {group}/v1, kind: {kind}, metadata: {{name: x, namespace: ml, annotations: {annotations}}}, "
        f"spec: {spec}}}"
    )


GPU = "{containers: [{name: c, resources: {limits: {nvidia.com/gpu: 1}}}]}"
TEMPLATE = "{spec: " + GPU + "}"
AUTOSCALED_RAY = """{
  enableInTreeAutoscaling: true,
  headGroupSpec: {template: T},
  workerGroupSpecs: [{replicas: 2, minReplicas: 1, maxReplicas: 8, numOfHosts: 4, template: T}]
}"""
TWO_COMPONENTS = """{
  predictor: {minReplicas: 0, maxReplicas: 2, containers: [{name: c}]},
  transformer: {minReplicas: 2, maxReplicas: 1, containers: [{name: c}]}
}"""


@pytest.mark.parametrize(
    ("group", "kind", "spec", "expected"),
    [
        ("apps", "Deployment", f"{{template: {TEMPLATE}}}", [(1, 1, 1)]),
        ("batch", "Job", f"{{template: {TEMPLATE}}}", [(1, 1, 1)]),
        ("batch", "Job", f"{{parallelism: 4, template: {TEMPLATE}}}", [(4, 4, 4)]),
        ("batch", "Job", f"{{parallelism: 8, completions: 3, template: {TEMPLATE}}}", [(3, 3, 3)]),
        ("batch", "CronJob", f"{{jobTemplate: {{spec: {{parallelism: 2, template: {TEMPLATE}}}}}}}", [(2, 2, 2)]),
        ("argoproj.io", "Rollout", f"{{replicas: 2, template: {TEMPLATE}}}", [(2, 2, 2)]),
        (
            "kubeflow.org",
            "PyTorchJob",
            "{pytorchReplicaSpecs: {Master: {replicas: 1, template: T}, Worker: {replicas: 4, template: T}}}",
            [(1, 1, 1), (4, 4, 4)],
        ),
        (
            "kubeflow.org",
            "PyTorchJob",
            "{elasticPolicy: {maxReplicas: 6, minReplicas: 1}, pytorchReplicaSpecs: {Worker: {template: T}}}",
            [(1, 1, 6)],
        ),
        (
            "kubeflow.org",
            "TFJob",
            "{tfReplicaSpecs: {PS: {template: T}, Worker: {replicas: 3, template: T}}}",
            [(1, 1, 1), (3, 3, 3)],
        ),
        ("kubeflow.org", "MPIJob", "{mpiReplicaSpecs: {Worker: {replicas: 16, template: T}}}", [(16, 16, 16)]),
        ("kubeflow.org", "Notebook", "{template: T}", [(1, 0, 1)]),
        (
            "ray.io",
            "RayCluster",
            "{headGroupSpec: {template: T}, workerGroupSpecs: [{replicas: 2, maxReplicas: 8, template: T}]}",
            [(1, 1, 1), (2, 2, 2)],
        ),
        (
            "ray.io",
            "RayCluster",
            AUTOSCALED_RAY,
            [(1, 1, 1), (8, 4, 32)],
        ),
        ("ray.io", "RayJob", "{rayClusterSpec: {headGroupSpec: {template: T}}}", [(1, 1, 1)]),
        ("ray.io", "RayCronJob", "{jobTemplate: {rayClusterSpec: {headGroupSpec: {template: T}}}}", [(1, 1, 1)]),
        ("ray.io", "RayService", "{rayClusterConfig: {workerGroupSpecs: [{replicas: 5, template: T}]}}", [(5, 5, 5)]),
        (
            "jobset.x-k8s.io",
            "JobSet",
            "{replicatedJobs: [{replicas: 2, template: {spec: {parallelism: 4, template: T}}}]}",
            [(8, 8, 8)],
        ),
        ("serving.kserve.io", "InferenceService", "{predictor: {maxReplicas: 3, model: {storageUri: s}}}", [(1, 1, 3)]),
        (
            "serving.kserve.io",
            "InferenceService",
            TWO_COMPONENTS,
            [(1, 0, 2), (2, 2, 2)],
        ),
    ],
)
def test_how_many_pods_run(group: str, kind: str, spec: str, expected: list[tuple[int, int, int]]) -> None:
    assert counts(workload(group, kind, spec.replace("template: T", f"template: {TEMPLATE}"))) == expected


def test_knative_bounds_are_annotations() -> None:
    spec = (
        "{template: {metadata: {annotations: {autoscaling.knative.dev/minScale: '2', "
        f"autoscaling.knative.dev/max-scale: '9'}}}}, spec: {GPU}}}}}"
    )
    assert counts(workload("serving.knative.dev", "Service", spec)) == [(2, 2, 9)]


def test_what_scales_without_a_limit_has_no_known_maximum() -> None:
    knative = workload("serving.knative.dev", "Service", f"{{template: {TEMPLATE}}}")
    kserve = workload("serving.kserve.io", "InferenceService", "{predictor: {model: {storageUri: s}}}")
    for resource in (knative, kserve):
        (template,) = resource.attributes["pod_templates"]
        assert isinstance(template["maximum"], Unknown)
    raw = workload(
        "serving.kserve.io",
        "InferenceService",
        "{predictor: {minReplicas: 2, model: {storageUri: s}}}",
        annotations="{serving.kserve.io/deploymentMode: RawDeployment}",
    )
    assert counts(raw) == [(2, 2, 2)]


def test_a_daemon_set_runs_on_nobody_knows_how_many_nodes() -> None:
    (template,) = workload("apps", "DaemonSet", f"{{template: {TEMPLATE}}}").attributes["pod_templates"]
    assert isinstance(template["replicas"], Unknown)


def test_the_model_shorthand_is_a_container() -> None:
    spec = "{predictor: {nodeSelector: {a: b}, model: {resources: {limits: {nvidia.com/gpu: 2}}}}}"
    (template,) = workload("serving.kserve.io", "InferenceService", spec).attributes["pod_templates"]
    assert template["spec"]["containers"] == [{"resources": {"limits": {"nvidia.com/gpu": 2}}}]
    assert template["path"] == ["spec", "predictor"]


@pytest.mark.parametrize(
    ("group", "kind", "labels", "role"),
    [
        ("batch", "Job", "{}", "general"),
        ("batch", "Job", "{app.kubernetes.io/component: training}", "training"),
        ("apps", "Deployment", "{workload-type: inference}", "serving"),
        ("apps", "StatefulSet", "{notebook-name: mine}", "notebook"),
        ("apps", "Deployment", "{app: training-dashboard}", "general"),
        ("kubeflow.org", "PyTorchJob", "{}", "training"),
        ("kubeflow.org", "Notebook", "{}", "notebook"),
        ("serving.kserve.io", "InferenceService", "{}", "serving"),
    ],
)
def test_role(group: str, kind: str, labels: str, role: str) -> None:
    resource = only(f"{{apiVersion: {group}/v1, kind: {kind}, metadata: {{name: x, labels: {labels}}}, spec: {{}}}}")
    assert resource.attributes["role"] == role


REGION = "topology.kubernetes.io/region"


def required(label: str, *choices: str) -> str:
    """A required node affinity with one term for each choice, such as `In [a, b]`; an empty choice is an empty term."""
    terms = []
    for choice in choices:
        operator, _, values = choice.partition(" ")
        expression = f"{{key: {label}, operator: {operator}, values: {values}}}"
        terms.append(f"{{matchExpressions: [{expression}]}}" if choice else "{}")
    rule = f"{{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{', '.join(terms)}]}}}}"
    return f"{{affinity: {{nodeAffinity: {rule}}}}}"


def pod(spec: str) -> Resource:
    return only(f"{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {spec}}}")


@pytest.mark.parametrize(
    ("spec", "spot"),
    [
        ("{nodeSelector: {karpenter.sh/capacity-type: spot}}", True),
        ("{nodeSelector: {karpenter.sh/capacity-type: on-demand}}", False),
        ("{nodeSelector: {cloud.google.com/gke-spot: 'true'}}", True),
        ("{nodeSelector: {eks.amazonaws.com/capacityType: SPOT}}", True),
        ("{nodeSelector: {kubernetes.azure.com/scalesetpriority: spot}}", True),
        ("{tolerations: [{key: nvidia.com/gpu, operator: Exists}]}", False),
        (required("karpenter.sh/capacity-type", "In [spot]"), True),
        (required("karpenter.sh/capacity-type", "In [spot, on-demand]"), False),
        (required("karpenter.sh/capacity-type", "NotIn [spot]"), False),
        (required("cloud.google.com/gke-spot", "Exists []"), True),
        (required("karpenter.sh/capacity-type", "Exists []"), False),
        ("{nodeSelector: {cloud.google.com/gke-provisioning: spot}}", True),
        ("{}", False),
    ],
)
def test_spot(spec: str, spot: bool) -> None:  # a row of the table
    assert pod(spec).attributes["spot"] is spot


@pytest.mark.parametrize(
    "toleration",
    [
        "{key: kubernetes.azure.com/scalesetpriority, value: spot, effect: NoSchedule}",
        "{key: cloud.google.com/gke-spot, operator: Exists}",
    ],
)
def test_pods_that_tolerate_spot_nodes_may_run_on_others(toleration: str) -> None:
    found = pod(f"{{tolerations: [{toleration}]}}")
    assert isinstance(found.attributes["spot"], Unknown)
    assert found.citations["attributes.spot"].path == ("spec", "tolerations", 0, "key")
    insisting = pod(f"{{nodeSelector: {{cloud.google.com/gke-spot: 'true'}}, tolerations: [{toleration}]}}")
    assert insisting.attributes["spot"] is True


@pytest.mark.parametrize("toleration", ["{operator: Exists}", "{operator: Exists, effect: NoSchedule}"])
def test_pods_that_tolerate_everything_tolerate_spot_nodes(toleration: str) -> None:
    assert isinstance(pod(f"{{tolerations: [{toleration}]}}").attributes["spot"], Unknown)


@pytest.mark.parametrize(
    ("spec", "regions"),
    [
        ("{nodeSelector: {topology.kubernetes.io/region: eu-west-1}}", ["eu-west-1"]),
        ("{nodeSelector: {topology.kubernetes.io/zone: EU-west-1a}}", ["eu-west-1a"]),
        (
            "{nodeSelector: {topology.kubernetes.io/zone: eu-west-1a, topology.kubernetes.io/region: eu-west-1}}",
            ["eu-west-1"],
        ),
        (required(REGION, "In [a, b]"), ["a", "b"]),
        (required(REGION, "In [a]", "In [c]"), ["a", "c"]),
        (required(REGION, "In [a]", ""), []),
        ("{}", []),
    ],
)
def test_pinned_regions(spec: str, regions: list[str]) -> None:
    assert pod(spec).attributes["regions"] == regions


def owned(kind: str, name: str, owner: str) -> str:
    group = "v1" if kind == "Pod" else "apps/v1"
    owner_kind, owner_name = owner.split("/")
    return f"""
apiVersion: {group}
kind: {kind}
metadata:
  name: {name}
  namespace: shop
  ownerReferences: [{{apiVersion: apps/v1, kind: {owner_kind}, name: {owner_name}}}]
spec: {{}}
"""


def test_what_a_workload_made_is_left_out_of_a_dump() -> None:
    made = owned("ReplicaSet", "web-1", "Deployment/web") + "---" + owned("Pod", "web-1-x", "ReplicaSet/web-1")
    assert [resource.name for resource in read(DEPLOYMENT + "---" + made)] == ["web"]


def test_what_something_out_of_sight_made_stays() -> None:
    orphan = owned("Pod", "web-1-x", "ReplicaSet/web-1")
    assert [resource.name for resource in read(orphan)] == ["web-1-x"]
    operator = "{apiVersion: apps/v1, kind: Prometheus, metadata: {name: prom, namespace: shop}, spec: {}}"
    assert len(read(operator + "\n---" + owned("StatefulSet", "s", "Prometheus/prom"))) == 2


def secret(rest: str) -> Resource:
    return only(f"{{apiVersion: v1, kind: Secret, metadata: {{name: s}}, {rest}}}")


@pytest.mark.parametrize(
    ("rest", "keys"),
    [
        ("data: {password: cGFzcw==, empty: ''}", ["password"]),
        ("stringData: {a: b}, data: {c: ZA==}", ["c", "a"]),
        ("data: {token: eA==}, type: kubernetes.io/service-account-token", []),
        ("data: {token: 'ENC[AES256_GCM,data:x]'}, sops: {mac: x}", []),
        ("stringData: {a: '${DB_PASSWORD}', b: '<path:kv/data/db#password>', c: 'vault:secret/data/x#y'}", []),
        ("type: Opaque", []),
        ("data: null", []),
    ],
)
def test_inline_keys(rest: str, keys: list[str]) -> None:
    assert secret(rest).attributes["inline_keys"] == keys


def test_values_of_a_secret_are_sensitive() -> None:
    sensitive = secret("data: {p: eA==}, stringData: {q: y}").sensitive
    assert {("data", "p"), ("stringData", "q")} <= sensitive


def test_a_sealed_secret_is_no_secret_in_the_clear() -> None:
    sealed = only("{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: s}, spec: {}}")
    assert sealed.type == "other"


@pytest.mark.parametrize(
    ("head", "spec", "backend", "address"),
    [
        (
            "external-secrets.io/v1, kind: SecretStore",
            "{provider: {vault: {server: 'https://v:8200'}}}",
            "vault",
            "https://v:8200",
        ),
        ("external-secrets.io/v1, kind: ClusterSecretStore", "{provider: {gcpsm: {projectID: p}}}", "gcp", ""),
        ("external-secrets.io/v1, kind: SecretStore", "{provider: {azurekv: {vaultUrl: u}}}", "azure", "u"),
        ("secrets.hashicorp.com/v1beta1, kind: VaultConnection", "{address: 'http://v'}", "vault", "http://v"),
        (
            "secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass",
            "{provider: vault, parameters: {vaultAddress: a}}",
            "vault",
            "a",
        ),
        ("secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass", "{provider: azure}", "azure", ""),
    ],
)
def test_stores(head: str, spec: str, backend: str, address: str) -> None:
    store = only(f"{{apiVersion: {head}, metadata: {{name: s}}, spec: {spec}}}")
    assert store.type == "secret.store"
    assert (store.attributes["backend"], store.attributes["address"]) == (backend, address)


def test_the_address_of_a_csi_store_may_be_the_drivers() -> None:
    head = "secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass"
    store = only(f"{{apiVersion: {head}, metadata: {{name: s}}, spec: {{provider: vault}}}}")
    assert isinstance(store.attributes["address"], Unknown)


def peer(namespace: str, spec: str) -> str:
    head = "apiVersion: security.istio.io/v1, kind: PeerAuthentication"
    return f"{{{head}, metadata: {{name: p, namespace: '{namespace}'}}, spec: {spec}}}"


@pytest.mark.parametrize(
    ("namespace", "spec", "scope", "mode"),
    [
        ("istio-system", "{mtls: {mode: STRICT}}", "mesh", "STRICT"),
        ("shop", "{mtls: {mode: DISABLE}}", "namespace", "DISABLE"),
        ("shop", "{selector: {matchLabels: {a: b}}}", "workload", "UNSET"),
        ("shop", "{selector: {matchLabels: {}}, mtls: {}}", "namespace", "UNSET"),
    ],
)
def test_peer_authentication(namespace: str, spec: str, scope: str, mode: str) -> None:
    found = only(peer(namespace, spec)).attributes
    assert (found["scope"], found["mode"], found["port_modes"]) == (scope, mode, {})


def test_ports_of_a_peer_authentication() -> None:
    spec = "{selector: {matchLabels: {a: b}}, portLevelMtls: {8080: {mode: DISABLE}, '9090': {}}}"
    assert only(peer("shop", spec)).attributes["port_modes"] == {"8080": "DISABLE", "9090": "UNSET"}


def test_the_root_namespace_can_be_moved() -> None:
    operator = (
        "{apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, metadata: {name: i}, "
        "spec: {meshConfig: {rootNamespace: mesh-root}}}"
    )
    *_, found = read(operator + "\n---\n" + peer("mesh-root", "{}"))
    assert found.attributes["scope"] == "mesh"


def test_destination_rule_modes() -> None:
    rule = only(
        """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: r}
        spec:
          host: reviews
          trafficPolicy:
            tls: {mode: ISTIO_MUTUAL}
            portLevelSettings: [{port: {number: 1}, tls: {mode: DISABLE}}, {port: {number: 2}}]
          subsets: [{name: v1, trafficPolicy: {tls: {mode: SIMPLE}}}]
        """
    )
    assert rule.attributes == {"host": "reviews", "tls_modes": ["ISTIO_MUTUAL", "DISABLE", "SIMPLE"]}


@pytest.mark.parametrize(
    ("server", "ports", "modes"),
    [
        ("{port: {number: 80, protocol: HTTP}}", [80], []),
        ("{port: {number: 80, protocol: HTTP}, tls: {httpsRedirect: true}}", [], []),
        ("{port: {number: 443, protocol: HTTPS}, tls: {mode: SIMPLE}}", [], ["SIMPLE"]),
        ("{port: {number: 9000, protocol: TCP}}", [9000], []),
        ("{port: {number: 9000, protocol: TCP}, tls: {mode: MUTUAL}}", [], ["MUTUAL"]),
        ("{port: {number: 80, protocol: HTTP}, tls: {mode: SIMPLE}}", [80], ["SIMPLE"]),
        ("{port: {number: 443, protocol: TLS}, tls: {mode: PASSTHROUGH}}", [], ["PASSTHROUGH"]),
        ("{port: {number: 443, protocol: HTTPS}, tls: {credentialName: web}}", [], ["PASSTHROUGH"]),
        ("{port: {number: 9000, protocol: TCP}, tls: {}}", [], ["PASSTHROUGH"]),
    ],
)
def test_gateway(server: str, ports: list[int], modes: list[str]) -> None:
    head = "apiVersion: networking.istio.io/v1, kind: Gateway"
    gateway = only(f"{{{head}, metadata: {{name: g}}, spec: {{servers: [{server}]}}}}")
    assert gateway.attributes == {"plaintext_ports": ports, "tls_modes": modes}


def test_an_unknown_value_spoils_only_what_depends_on_it() -> None:
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "labels": {"team": Unknown("a reason")}},
        "spec": {"replicas": Unknown("known after apply"), "template": {"spec": {"hostNetwork": True}}},
    }
    (web,) = understood([document(body)])
    assert isinstance(web.tags["team"], Unknown)
    assert isinstance(web.attributes["pod_templates"], Unknown)
    assert web.attributes["namespace"] == "shop"


KINDS = [
    ("v1", "Pod"),
    ("v1", "Secret"),
    ("v1", "Namespace"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("argoproj.io/v1alpha1", "Rollout"),
    ("serving.knative.dev/v1", "Service"),
    ("serving.kserve.io/v1beta1", "InferenceService"),
    ("kubeflow.org/v1", "PyTorchJob"),
    ("kubeflow.org/v1", "Notebook"),
    ("ray.io/v1", "RayCluster"),
    ("ray.io/v1", "RayService"),
    ("jobset.x-k8s.io/v1alpha2", "JobSet"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("keda.sh/v1alpha1", "ScaledObject"),
    ("security.istio.io/v1", "PeerAuthentication"),
    ("networking.istio.io/v1", "Gateway"),
    ("networking.istio.io/v1", "DestinationRule"),
    ("external-secrets.io/v1", "SecretStore"),
    ("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass"),
]

WORDS = st.sampled_from(
    [
        "spec",
        "template",
        "metadata",
        "labels",
        "annotations",
        "name",
        "namespace",
        "containers",
        "replicas",
        "model",
        "predictor",
        "headGroupSpec",
        "workerGroupSpecs",
        "replicatedJobs",
        "pytorchReplicaSpecs",
        "Worker",
        "servers",
        "port",
        "tls",
        "mtls",
        "mode",
        "portLevelMtls",
        "selector",
        "matchLabels",
        "data",
        "stringData",
        "provider",
        "nodeSelector",
        "affinity",
        "nodeAffinity",
        "tolerations",
        "key",
        "ownerReferences",
        "scaleTargetRef",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
        "matchExpressions",
        "trafficPolicy",
        "rayClusterConfig",
        "jobTemplate",
        "parallelism",
        "completions",
        "minReplicas",
        "maxReplicas",
        "sops",
        "subsets",
    ]
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | WORDS | st.builds(Unknown, WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.integers(0, 3), inner, max_size=4),
    max_leaves=25,
)

BODIES = st.builds(
    lambda kind, rest: {**rest, "apiVersion": kind[0], "kind": kind[1]},
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(["metadata", "spec", "data", "stringData", "sops", "type"]), VALUES, max_size=4),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(BODIES, max_size=4))
@example([{"apiVersion": "v1", "kind": "Pod", "metadata": {"ownerReferences": [None]}}])
def test_no_shape_breaks_it(bodies: Iterable[dict[str, Any]]) -> None:
    found = understood([document(body) for body in bodies])
    assert all(resource.uid and resource.provider == "kubernetes" for resource in found)
