"""Secrets in the clear, and where secrets come from, in manifests of Kubernetes."""

import time
from typing import Any

import pytest
import ryaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.analyze import secret_references
from scanner.model import Fact, Unknown
from tests.analyze.secret_facts import GITHUB, inventory_of, seen

Body = dict[str, Any]


def facts(manifest: str) -> dict[str, Fact]:
    inventory = inventory_of(ryaml.loads_all(manifest))
    found = secret_references.derive(inventory)
    return {resource.name: found.get(resource.uid, Fact({})) for resource in inventory}


def pod(spec: str, annotations: str = "{}") -> str:
    return f"""
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: shop, annotations: {annotations}}}
spec: {spec}
"""


INLINE = {
    "{containers: [{env: [{name: DB_PASSWORD, value: hunter2}]}]}": ["spec.containers.0.env.0.value"],
    "{containers: [{env: [{name: A, value: b}, {name: URL, value: 'redis://:pw123@r:1'}]}]}": [
        "spec.containers.0.env.1.value"
    ],
    "{containers: [{args: ['--port=80', '--password=hunter2']}]}": ["spec.containers.0.args.1"],
    "{containers: [{args: ['--password', 'hunter2', '--port', '80']}]}": ["spec.containers.0.args.1"],
    "{containers: [{command: [sh, -c, 'run --token=abc123def --fast']}]}": ["spec.containers.0.command.2"],
    "{containers: [{command: [sh, -c, 'PGPASSWORD=hunter2 psql']}]}": ["spec.containers.0.command.2"],
    '{containers: [{env: [{name: CONFIG, value: \'{"db": {"password": "hunter2"}}\'}]}]}': [
        "spec.containers.0.env.0.value"
    ],
    "{containers: [{env: [{name: DSN, value: 'Server=db;Uid=app;Pwd=hunter2'}]}]}": ["spec.containers.0.env.0.value"],
    f"{{containers: [{{args: [run, {GITHUB}]}}]}}": ["spec.containers.0.args.1"],
    "{containers: [{command: [sh, -c, 'mysql -uroot -phunter2 db']}]}": ["spec.containers.0.command.2"],
    "{containers: [{command: [mysqladmin, ping, -phunter2]}]}": ["spec.containers.0.command.2"],
    "{containers: [{livenessProbe: {exec: {command: [redis-cli, -a, hunter2, ping]}}}]}": [
        "spec.containers.0.livenessProbe.exec.command.2"
    ],
    "{containers: [{lifecycle: {postStart: {exec: {command: [curl, -u, 'admin:hunter2', x]}}}}]}": [
        "spec.containers.0.lifecycle.postStart.exec.command.2"
    ],
    "{containers: [{env: [{name: VAULT_SECRET_ID, value: 8e5b1c0e-1111-2222-3333-444455556666}]}]}": [
        "spec.containers.0.env.0.value"
    ],
    '{containers: [{env: [{name: D, value: \'{"auths": {"r": {"auth": "YXBwOmh1bnRlcjI="}}}\'}]}]}': [
        "spec.containers.0.env.0.value"
    ],
}


@pytest.mark.parametrize("spec", INLINE)
def test_secrets_in_the_clear(spec: str) -> None:
    fact = facts(pod(spec))["web"]
    assert seen(fact, "inline") == INLINE[spec]
    assert seen(fact, "inline_count") == 1
    assert [".".join(map(str, path)) for path in fact.sensitive] == INLINE[spec]
    assert ".".join(map(str, fact.citations["inline"].path)) == INLINE[spec][0]


@pytest.mark.parametrize(
    "spec",
    [
        "{containers: [{env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]}]}",
        "{containers: [{env: [{name: DB_PASSWORD, value: ''}, {name: TOKEN, value: $(OTHER)}]}]}",
        "{containers: [{env: [{name: DB_PASSWORD_FILE, value: /run/secrets/db}]}]}",
        "{containers: [{env: [{name: TLS_SECRET, value: web-tls}]}]}",
        "{containers: [{env: [{name: ALLOW_EMPTY_PASSWORD, value: 'yes'}]}]}",
        "{containers: [{args: ['--password=$(DB_PASSWORD)', '--token-file=/var/t', '--password-stdin']}]}",
        "{containers: [{args: ['--token', '--verbose']}]}",
        "{automountServiceAccountToken: true, imagePullSecrets: [{name: regcred}]}",
        "{containers: [{env: [{name: DSN, value: 'Server=db;Database=app'}]}]}",
        "{containers: [{env: [{name: PASSWORD, value: 5}]}]}",
        "{containers: [{command: [mysqladmin, ping, -p$(PASSWORD)]}]}",
        "{containers: [{command: [sh, -c, 'mysqladmin ping -p$PASSWORD -h db']}]}",
        "{containers: [{command: [sh, -c, 'mysql -P 3306 --protocol=tcp']}]}",
        "{containers: [{command: [redis-cli, -a, $(PASSWORD), ping]}]}",
        "{containers: [{env: [{name: AWS_SECRET_ID, value: prod/db}]}]}",
        "{auth: none, deep: {auth: dGVzdA==}}",
    ],
)
def test_no_secret_in_the_clear(spec: str) -> None:
    assert seen(facts(pod(spec))["web"], "inline") == []


def test_secrets_of_a_manifest_and_what_is_kept_beside_them() -> None:
    manifest = """
apiVersion: v1
kind: Secret
metadata: {name: db}
data: {password: aHVudGVyMg==, username: YXBw, tls.crt: LS0t}
stringData: {url: 'postgres://x', token: '<your-token>'}
---
{apiVersion: v1, kind: Secret, metadata: {name: sa}, type: kubernetes.io/service-account-token, data: {token: eA==}}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed}
spec: {encryptedData: {password: AgBy8h}}
---
{apiVersion: v1, kind: Secret, metadata: {name: sops}, data: {password: 'ENC[AES256_GCM,data:x]'}, sops: {mac: x}}
"""
    found = facts(manifest)
    assert seen(found["db"], "inline") == ["data.password", "stringData.url"]
    assert [seen(found[name], "inline") for name in ("sa", "sealed", "sops")] == [[], [], []]


CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {{name: config}}
data:
  app.conf: |
{lines}
"""


@pytest.mark.parametrize(
    "line",
    [
        "password: hunter2",
        "db.password=hunter2",
        "export DB_PASSWORD='hunter2'",
        'password = "hunter2"',
        "- token: abc1",
        "<password>hunter2</password>",
        'proxy_set_header Authorization "Basic YXBwOmh1bnRlcjI=";',
        "client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVk=",
    ],
)
def test_settings_in_a_configuration_file(line: str) -> None:
    manifest = CONFIG.format(lines=f"    host: db\n    {line}\n    port: 5432")
    assert seen(facts(manifest)["config"], "inline") == ["data.app.conf"]


@pytest.mark.parametrize(
    "line",
    [
        "# password: hunter2",
        "password: ${DB_PASSWORD}",
        "password = password",
        "token = get_token()",
        "token = os.environ['T']",
        "password:",
        "secret: db-credentials",
        "credentials: |-",
        "password: ''",
        "if token == other: pass",
        "passwordField: true",
        "<password>${DB_PASSWORD}</password>",
        "<password/> <token></token>",
        "Authorization: Bearer ${TOKEN}",
    ],
)
def test_lines_that_hold_no_secret(line: str) -> None:
    manifest = CONFIG.format(lines=f"    host: db\n    {line}\n    port: 5432")
    assert seen(facts(manifest)["config"], "inline") == []


def test_annotations_speak_of_secrets_without_holding_any() -> None:
    notes = "{checksum/secret: abcdef0123456789, vault.hashicorp.com/agent-inject-secret-password: secret/data/db}"
    assert seen(facts(pod("{}", notes))["web"], "inline") == []
    assert seen(facts(pod("{}", f"{{deploy: {GITHUB}}}"))["web"], "inline") == ["metadata.annotations.deploy"]


DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec: {{template: {{metadata: {{annotations: {notes}}}, spec: {{containers: []}}}}}}
"""
AT_PODS = "spec.template.metadata.annotations."


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        ("{checksum/secret: 5f4dcc3b5aa765d61d8327deb882cf99}", []),
        ("{vault.hashicorp.com/agent-inject-secret-password: secret/data/db}", []),
        ("{vault.hashicorp.com/agent-inject-secret-token: kv}", []),
        ("{nginx.ingress.kubernetes.io/auth-secret: basic}", []),
        ("{acme.example/db-password: hunter2}", [AT_PODS + "acme.example/db-password"]),
        ("{acme.example/db-password: team/db}", []),
        ("{dsn: 'Server=db;Uid=app;Pwd=hunter2'}", [AT_PODS + "dsn"]),
        ('{config: \'{"db": {"password": "hunter2"}}\'}', [AT_PODS + "config"]),
        (f"{{deploy: {GITHUB}}}", [AT_PODS + "deploy"]),
        (
            '{vault.hashicorp.com/agent-inject-template-db: "{{ with secret \\"kv\\" }}\\npassword={{ .Data.p }}\\n{{ end }}"}',
            [],
        ),
    ],
)
def test_annotations_of_pods_are_judged_as_those_of_objects(notes: str, found: list[str]) -> None:
    assert seen(facts(DEPLOYMENT.format(notes=notes))["web"], "inline") == found


def test_values_of_a_chart_hold_annotations_too() -> None:
    manifest = """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec: {values: {podAnnotations: {checksum/secret: 5f4dcc3b5aa765d61d8327deb882cf99}, password: hunter2}}
"""
    assert seen(facts(manifest)["web"], "inline") == ["spec.values.password"]


def test_what_kubectl_keeps_of_an_object_is_that_object_once_more() -> None:
    applied = '{kubectl.kubernetes.io/last-applied-configuration: \'{"spec": {"password": "hunter2"}}\'}'
    assert seen(facts(pod("{}", applied))["web"], "inline") == []


ENCRYPTED_IN_PART: dict[str, tuple[str, list[str]]] = {
    "sops encrypted one of two fields": (
        ("{apiVersion: v1, kind: Secret, metadata: {name: x}, data: {token: 'ENC[AES256_GCM,data:x]'}, "
        "stringData: {password: hunter2, url: 'https://db'}, sops: {encrypted_regex: '^data$'}}"),
        ["stringData.password"],
    ),
    "sops encrypted nothing of a map": (
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, data: {password: hunter2, user: 'ENC[x]'}, "
        "sops: {mac: 'ENC[x]', age: [{recipient: a, enc: b}]}}"),
        ["data.password"],
    ),
    "a template beside what is sealed": (
        ("{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: x}, spec: {encryptedData: "
        "{password: AgBy8h}, template: {data: {password: hunter2, b: '{{ .password }}'}}}}"),
        ["spec.template.data.password"],
    ),
    "sealed as one text": (
        "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: x}, spec: {data: AgBy8hCi8erSS}}", [],
    ),
    "for the operator of sops, not encrypted yet": (
        ("{apiVersion: isindir.github.com/v1alpha3, kind: SopsSecret, metadata: {name: x}, "
        "spec: {secretTemplates: [{name: a, stringData: {password: hunter2}}]}}"),
        ["spec.secretTemplates.0.stringData.password"],
    ),
    "for the operator of sops": (
        ("{apiVersion: isindir.github.com/v1alpha3, kind: SopsSecret, metadata: {name: x}, "
        "spec: {secretTemplates: [{name: a, stringData: {password: 'ENC[AES256_GCM,data:x]'}}]}, sops: {mac: x}}"),
        [],
    ),
    "a template of an external secret": (
        ("{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: x}, spec: {data: [{secretKey: "
        "password, remoteRef: {key: db}}], target: {template: {data: {password: hunter2, c: 'x://{{ .u }}:{{ .p }}@d'}}}}}"),
        ["spec.target.template.data.password"],
    ),
    "a store for tests": (
        ("{apiVersion: external-secrets.io/v1, kind: SecretStore, metadata: {name: x}, "
        "spec: {provider: {fake: {data: [{key: db/password, value: hunter2}]}}}}"),
        ["spec.provider.fake.data.0.value"],
    ),
    "a file in base64": (
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: x}, "
        "binaryData: {app.conf: aG9zdD1kYgpwYXNzd29yZD1odW50ZXIyCg==, logo.png: iVBORw0KGgo=, broken: '?'}}"),
        ["binaryData.app.conf"],
    ),
    "a dump of what a controller made": (
        (
            "{apiVersion: v1, kind: Secret, metadata: {name: x, ownerReferences: [{kind: ExternalSecret, name: x}]}, "
            "data: {password: aHVudGVyMg==}}"
        ),
        ["data.password"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENCRYPTED_IN_PART)
def test_what_stands_open_beside_what_is_encrypted(case: str) -> None:
    manifest, inline = ENCRYPTED_IN_PART[case]
    assert seen(facts(manifest)["x"], "inline") == inline


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("Basic dXNlcjpodW50ZXIycGxhaW4=", True),
        ("Bearer 9f86d081884c7d659a2feaa0", True),
        ("Bearer $(TOKEN)", False),
        ("Basic ${BASIC_AUTHORIZATION}", False),
        ("Basic", False),
        ("Bearer xxxxxxxxxxxxxxxx", False),
    ],
)
def test_a_probe_that_sends_its_credential(value: str, is_one: bool) -> None:
    header = f"[{{name: Authorization, value: '{value}'}}]"
    found = facts(pod(f"{{containers: [{{livenessProbe: {{httpGet: {{httpHeaders: {header}}}}}}}]}}"))["web"]
    assert bool(seen(found, "inline")) is is_one


def test_schemas_and_references_are_not_settings() -> None:
    manifest = """
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: crd}, spec: {password: string1}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: eso}
spec: {data: [{secretKey: password, remoteRef: {key: db}}]}
"""
    assert [seen(fact, "inline") for fact in facts(manifest).values()] == [[], []]


READS_DB = "{containers: [{envFrom: [{secretRef: {name: db}}]}]}"
ESO = """---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, namespace: shop}
spec: {secretStoreRef: {name: store, kind: KIND}}
"""
STORE = """---
apiVersion: external-secrets.io/v1
kind: KIND
metadata: {name: store NAMESPACE}
spec: {provider: PROVIDER}
"""


def store(kind: str, provider: str, namespace: str = ", namespace: shop") -> str:
    found = STORE.replace("KIND", kind).replace("PROVIDER", provider).replace(" NAMESPACE", namespace)
    return ESO.replace("KIND", kind) + found


def provider_class(provider: str) -> str:
    head = "apiVersion: secrets-store.csi.x-k8s.io/v1, kind: SecretProviderClass"
    made = "secretObjects: [{secretName: made}]"
    return f"---\n{{{head}, metadata: {{name: spc, namespace: shop}}, spec: {{provider: {provider}, {made}}}}}"


def certificate(kind: str) -> str:
    spec = f"{{secretName: db, issuerRef: {{kind: {kind}, name: ca}}}}"
    head = "apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: c, namespace: shop}"
    return f"---\n{{{head}, spec: {spec}}}\n"


def issuer(spec: str) -> str:
    head = "apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: ca, namespace: shop}"
    return f"---\n{{{head}, spec: {spec}}}\n"


CSI = "{volumes: [{csi: {driver: secrets-store.csi.k8s.io, volumeAttributes: {secretProviderClass: spc}}}]}"
INJECT = "{vault.hashicorp.com/agent-inject: 'true'}"

OWN_STORE = "data: [{secretKey: a, sourceRef: {storeRef: {name: aws}}}], "
BOTH_STORES = "data: [{secretKey: a, sourceRef: {storeRef: {name: aws}}}, {secretKey: b}], "
EXTERNAL = "---\n{{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {{name: db, namespace: shop}}, spec: {spec}}}\n"
VAULT_AND_AWS = "".join(
    STORE.replace("KIND", "SecretStore")
    .replace("name: store NAMESPACE", f"name: {name}, namespace: shop")
    .replace("PROVIDER", f"{{{word}: {{}}}}")
    for name, word in (("store", "vault"), ("aws", "aws"))
)

SOURCES: dict[str, tuple[str, Any, Any]] = {
    "nothing": (pod("{}"), [], False),
    "agent injector": (pod("{}", INJECT), ["vault-agent"], True),
    "agent injector switched off": (pod("{}", "{vault.hashicorp.com/agent-inject: 'false'}"), [], False),
    "bank-vaults": (
        pod("{containers: [{env: [{name: PASSWORD, value: 'vault:secret/data/db#pw'}]}]}"),
        ["vault-agent"],
        True,
    ),
    "csi with vault": (pod(CSI) + provider_class("vault"), ["vault-csi"], True),
    "csi with aws": (pod(CSI) + provider_class("aws"), ["cloud-secret-manager"], False),
    "csi out of view": (
        pod(CSI),
        "unknown: SecretProviderClass spc is not among the files",
        "unknown: SecretProviderClass spc is not among the files",
    ),
    "secret synchronized by csi": (
        pod(READS_DB.replace("name: db", "name: made")) + provider_class("vault"),
        ["vault-csi"],
        True,
    ),
    "external secret from vault": (
        pod(READS_DB) + store("SecretStore", "{vault: {server: 'http://v'}}"),
        ["external-secrets"],
        True,
    ),
    "external secret from vault for the cluster": (
        pod(READS_DB) + store("ClusterSecretStore", "{vault: {server: 'http://v'}}", ""),
        ["external-secrets"],
        True,
    ),
    "external secret from aws": (pod(READS_DB) + store("SecretStore", "{aws: {}}"), ["external-secrets"], False),
    "external secret, store in another namespace": (
        pod(READS_DB) + store("SecretStore", "{vault: {}}", ", namespace: bank"),
        ["external-secrets"],
        "unknown: SecretStore store is not among the files",
    ),
    "external secret, an entry with a store of its own": (
        pod(READS_DB) + ESO.replace("KIND", "SecretStore").replace("spec: {", "spec: {" + OWN_STORE) + VAULT_AND_AWS,
        ["external-secrets"],
        False,
    ),
    "external secret, one of its entries from vault": (
        pod(READS_DB) + ESO.replace("KIND", "SecretStore").replace("spec: {", "spec: {" + BOTH_STORES) + VAULT_AND_AWS,
        ["external-secrets"],
        True,
    ),
    "external secret, entries alone name stores": (
        pod(READS_DB) + EXTERNAL.format(spec="{dataFrom: [{sourceRef: {storeRef: {name: aws}}}]}") + VAULT_AND_AWS,
        ["external-secrets"],
        False,
    ),
    "external secret, made up by a generator": (
        pod(READS_DB) + EXTERNAL.format(spec="{dataFrom: [{sourceRef: {generatorRef: {kind: Password, name: p}}}]}"),
        ["external-secrets"],
        False,
    ),
    "external secret, made by vault": (
        pod(READS_DB)
        + EXTERNAL.format(spec="{dataFrom: [{sourceRef: {generatorRef: {kind: VaultDynamicSecret, name: p}}}]}"),
        ["external-secrets"],
        True,
    ),
    "external secret, made by a generator of the cluster": (
        pod(READS_DB)
        + EXTERNAL.format(spec="{dataFrom: [{sourceRef: {generatorRef: {kind: ClusterGenerator, name: p}}}]}"),
        ["external-secrets"],
        "unknown: what ClusterGenerator p makes is not looked into",
    ),
    "agent injector, as Go reads what is true": (pod("{}", INJECT.replace("true", "T")), ["vault-agent"], True),
    "vault secrets operator": (
        pod(READS_DB) + "---\n{apiVersion: secrets.hashicorp.com/v1beta1, kind: VaultStaticSecret, metadata: "
        "{name: v, namespace: shop}, spec: {destination: {name: db}}}",
        ["vault-secrets-operator"],
        True,
    ),
    "certificate of an issuer out of view": (
        pod(READS_DB) + certificate("ClusterIssuer"),
        ["cert-manager"],
        "unknown: ClusterIssuer ca is not among the files",
    ),
    "certificate of a self-signed issuer": (
        pod(READS_DB) + certificate("Issuer") + issuer("{selfSigned: {}}"),
        ["cert-manager"],
        False,
    ),
    "certificate of vault": (
        pod(READS_DB) + certificate("Issuer") + issuer("{vault: {path: pki}}"),
        ["cert-manager"],
        True,
    ),
    "secret that a kustomization makes": (
        pod(READS_DB)
        + "---\n{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, metadata: {name: base}, "
        "namespace: shop, secretGenerator: [{name: db, envs: [db.env]}]}",
        ["kubernetes-secret"],
        False,
    ),
    "plain secret, or one of an overlay that names no namespace": (
        pod(READS_DB)
        + "---\n{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop}}\n"
        + certificate("Issuer").replace(", namespace: shop", ""),
        "unknown: whether secret db is the one among the files is open: a manifest names no namespace",
        "unknown: whether secret db is the one among the files is open: a manifest names no namespace",
    ),
    "plain secret": (
        pod(READS_DB) + "---\n{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop}}",
        ["kubernetes-secret"],
        False,
    ),
    "secret out of view": (
        pod(READS_DB),
        "unknown: secret db is not among the files, nor what makes it",
        "unknown: secret db is not among the files, nor what makes it",
    ),
    "secret in view that names no namespace": (
        pod(READS_DB) + "---\n{apiVersion: v1, kind: Secret, metadata: {name: db}}",
        "unknown: whether secret db is the one among the files is open: a manifest names no namespace",
        "unknown: whether secret db is the one among the files is open: a manifest names no namespace",
    ),
    "vault beside something out of view": (
        pod(READS_DB, INJECT),
        "unknown: secret db is not among the files, nor what makes it",
        True,
    ),
    "mounted and projected secrets": (
        pod("{volumes: [{secret: {secretName: db}}, {projected: {sources: [{secret: {name: db}}]}}]}")
        + "---\n{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop}}",
        ["kubernetes-secret"],
        False,
    ),
}


@pytest.mark.parametrize("case", SOURCES)
def test_where_pods_take_secrets_from(case: str) -> None:
    manifest, sources, vault = SOURCES[case]
    fact = facts(manifest)["web"]
    assert (seen(fact, "sources"), seen(fact, "vault")) == (sources, vault)


def test_secrets_that_a_workload_names_beside_its_pods() -> None:
    """KubeRay passes the password of Redis on to the pods it makes."""
    manifest = """
apiVersion: ray.io/v1
kind: RayCluster
metadata: {name: web, namespace: shop}
spec:
  gcsFaultToleranceOptions:
    redisPassword: {valueFrom: {secretKeyRef: {name: db, key: password}}}
  headGroupSpec: {template: {spec: {containers: [{name: head}]}}}
---
{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop}}
"""
    fact = facts(manifest)["web"]
    assert seen(fact, "sources") == ["kubernetes-secret"]
    path = ("spec", "gcsFaultToleranceOptions", "redisPassword", "valueFrom", "secretKeyRef", "name")
    assert fact.citations["sources"].path == path
    literal = manifest.replace("{valueFrom: {secretKeyRef: {name: db, key: password}}}", "{value: hunter2}")
    assert seen(facts(literal)["web"], "inline") == ["spec.gcsFaultToleranceOptions.redisPassword.value"]


def test_a_secret_is_cited_by_its_name() -> None:
    found = facts(pod(READS_DB) + "---\n{apiVersion: v1, kind: Secret, metadata: {name: db, namespace: shop}}")["web"]
    assert found.citations["sources"].path == ("spec", "containers", 0, "envFrom", 0, "secretRef", "name")


def test_vault_is_cited_where_it_is_asked_for() -> None:
    assert facts(pod("{}", INJECT))["web"].citations["vault"].path == (
        "metadata",
        "annotations",
        "vault.hashicorp.com/agent-inject",
    )


@pytest.mark.parametrize(
    "piece",
    ["a.", "eyJ-", "://a:", "k: v ,", "--a ", "-----BEGIN A ", "password=", "x=", "{{", "ghp_", "curl ", "mysql -"],
)
def test_a_long_line_takes_no_time(piece: str) -> None:
    started = time.process_time()
    body = {"data": {"password": piece * 40_000, "text": piece * 40_000 + "\n"}}
    secret_references.derive(
        inventory_of([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, **body}])
    )
    assert time.process_time() - started < 2


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.just("hunter2")
    | st.builds(Unknown, st.just("odd")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "spec",
                    "template",
                    "containers",
                    "env",
                    "envFrom",
                    "name",
                    "value",
                    "valueFrom",
                    "secretKeyRef",
                    "secretRef",
                    "args",
                    "volumes",
                    "csi",
                    "driver",
                    "metadata",
                    "annotations",
                    "password",
                    "data",
                    "stringData",
                    "secret",
                ]
            )
            | st.integers(0, 3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)
KINDS = ["v1 Pod", "v1 Secret", "v1 ConfigMap", "apps/v1 Deployment", "external-secrets.io/v1 ExternalSecret"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(["spec", "data", "metadata"]), ODD))))
def test_no_shape_breaks_it(shapes: list[tuple[str, Body]]) -> None:
    bodies = [{**rest, "apiVersion": kind.split()[0], "kind": kind.split()[1]} for kind, rest in shapes]
    for fact in secret_references.derive(inventory_of(bodies)).values():
        assert set(fact.values) <= set(secret_references.FIELDS)
