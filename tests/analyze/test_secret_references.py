"""Secrets in the clear, and where secrets come from, on real-shaped manifests and plans."""

import base64
import gzip
import time
from typing import Any

import pytest
import ryaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import normalize
from scanner.analyze import secret_references
from scanner.analyze._secret_words import holds_token, is_literal, names_secret
from scanner.model import Document, Fact, Inventory, Ledger, Origin, Partition, Resource, Unknown

Body = dict[str, Any]


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "DB_PASSWORD",
        "dbPassword",
        "mysql-root-password",
        "rootpasswd",
        "administrator_login_password",
        "master_password",
        "MYSQL_PWD",
        "token",
        "API_TOKEN",
        "authToken",
        "github_token",
        "apiKey",
        "API_KEY",
        "x-api-key",
        "client_secret",
        "clientSecret",
        "AWS_SECRET_ACCESS_KEY",
        "secret_key",
        "secretkey",
        "private_key",
        "PRIVATE_KEY",
        "storage_account_access_key",
        "shared_key",
        "credentials",
        "passphrase",
        "password1",
        "secret_string",
        "signing_key",
    ],
)
def test_keys_that_name_a_secret(key: str) -> None:
    assert names_secret(key)


@pytest.mark.parametrize(
    "key",
    [
        "password_policy",
        "secretName",
        "secret_arn",
        "secret_id",
        "secret_name",
        "password_path",
        "PASSWORD_FILE",
        "password_length",
        "kms_key_id",
        "token_ttl",
        "tokenReview",
        "eos_token",
        "next_token",
        "creation_token",
        "access_key",
        "public_key",
        "ssh_key",
        "key",
        "secret_ref",
        "secretRef",
        "tokens",
        "max_tokens",
        "rotate_secret_enabled",
        "secret_version",
        "tokenizer",
        "passwordSecretRef",
        "compass",
        "bypass_rules",
        "monkey",
        "sort_key",
        "",
    ],
)
def test_keys_that_do_not(key: str) -> None:
    assert not names_secret(key)


@pytest.mark.parametrize(
    "value", ["hunter2", "changeme", "admin", "p@ss w0rd", "S3cr3t!", "12345678", "wJalrXUtnFEMI/K7"]
)
def test_literals(value: str) -> None:
    assert is_literal(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "x",
        "true",
        "None",
        "${DB_PASSWORD}",
        "prefix-${x}",
        "{{ .Values.password }}",
        "$(PASSWORD)",
        "$PASSWORD",
        "vault:secret/data/db#password",
        ">>vault:secret/data/db#password",
        "ref+vault://kv/db#/password",
        "arn:aws:secretsmanager:eu-west-1:1:secret:db",
        "/run/secrets/db",
        "./token.txt",
        "https://vault.example.com",
        "projects/p/secrets/s/versions/1",
        "<your-password>",
        "********",
        "xxxxxxxx",
        "var.password",
        "op://vault/db/pw",
        "@Microsoft.KeyVault(SecretUri=https://x)",
        "ENC[AES256_GCM,data:x]",
        "your-password",
        "tls.key",
        "...",
        "data.vault_kv_secret_v2.db.data",
        "<path:secret/data/db#password>",
        "%(password)s",
        "REPLACE_ME",
    ],
)
def test_what_stands_in_for_a_secret_is_none(value: str) -> None:
    assert not is_literal(value)


def test_a_value_that_begins_with_blanks_without_end_is_judged_in_a_moment() -> None:
    began = time.process_time()
    assert is_literal(" " * 100_000 + "hunter2 hunter3")
    assert time.process_time() - began < 3


GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
AWS = "AKIA" + "QWERTYUIOPASDFGH"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9." + "eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSi\n-----END RSA PRIVATE KEY-----"
SLACK = "xox" + "b-123456789012-abcdefghijkl"


@pytest.mark.parametrize(
    "text",
    [
        GITHUB,
        f"token is {AWS} ok",
        JWT,
        PEM,
        SLACK,
        "postgres://app:hunter2@db:5432/x",
        '{"private_key": "' + PEM + '"}',
    ],
)
def test_tokens_are_known_by_their_shape(text: str) -> None:
    assert holds_token(text)


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "postgres://db:5432/x",
        "postgres://app:${PASSWORD}@db/x",
        "https://user@host/x",
        "git@github.com:org/repo",
        "-----BEGIN CERTIFICATE-----\nMIIDjzCC",
        "-----BEGIN PRIVATE KEY-----\n<yours>",
        "redis://:$(REDIS_PASSWORD)@redis:6379",
        "eyJ",
        "ghp_short",
        "http://a:80/b@c",
    ],
)
def test_what_only_resembles_a_token(text: str) -> None:
    assert not holds_token(text)


@pytest.mark.parametrize(
    "piece", ["a.", "eyJ-", "://a:", "k: v ,", "--a ", "-----BEGIN A ", "password=", "x=", "{{", "ghp_"]
)
def test_a_long_line_takes_no_time(piece: str) -> None:
    started = time.process_time()
    body = {"data": {"password": piece * 40_000, "text": piece * 40_000 + "\n"}}
    secret_references.derive(
        inventory_of([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, **body}])
    )
    assert time.process_time() - started < 2


def inventory_of(bodies: list[Body]) -> Inventory:
    documents = []
    for index, body in enumerate(bodies):
        metadata = body.get("metadata") if isinstance(body.get("metadata"), dict) else {}
        parts = [metadata.get("namespace"), body.get("kind"), metadata.get("name")]
        address = "/".join(part for part in parts if isinstance(part, str) and part)
        documents.append(Document("kubernetes", body, Origin("all.yaml", "kubernetes_manifest", (index,), address)))
    return normalize.inventory(Partition("test", documents), Ledger())


def facts(manifest: str) -> dict[str, Fact]:
    inventory = inventory_of(ryaml.loads_all(manifest))
    found = secret_references.derive(inventory)
    return {resource.name: found.get(resource.uid, Fact({})) for resource in inventory}


def seen(fact: Fact, field: str) -> Any:
    value = fact.values.get(field, secret_references.FIELDS[field].default)
    return f"unknown: {value.reason}" if isinstance(value, Unknown) else value


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
    ],
)
def test_lines_that_hold_no_secret(line: str) -> None:
    manifest = CONFIG.format(lines=f"    host: db\n    {line}\n    port: 5432")
    assert seen(facts(manifest)["config"], "inline") == []


def test_annotations_speak_of_secrets_without_holding_any() -> None:
    notes = "{checksum/secret: abcdef0123456789, vault.hashicorp.com/agent-inject-secret-password: secret/data/db}"
    assert seen(facts(pod("{}", notes))["web"], "inline") == []
    assert seen(facts(pod("{}", f"{{deploy: {GITHUB}}}"))["web"], "inline") == ["metadata.annotations.deploy"]


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


def resource(kind: str, values: Body, references: dict[Any, tuple[str, ...]] | None = None) -> Fact:
    """What is said of one Terraform resource."""
    one = Resource(
        f"plan.json#{kind}.x",
        "other",
        kind,
        "aws",
        "x",
        "",
        {},
        {},
        values,
        Origin("plan.json", "terraform_plan", (), f"{kind}.x"),
        references=references or {},
    )
    return secret_references.derive(Inventory([one])).get(one.uid, Fact({}))


def test_a_state_keeps_a_password_in_the_clear_whoever_supplied_it() -> None:
    origin = Origin("terraform.tfstate", "terraform_state", (), "aws_db_instance.x")
    values = {"username": "app", "password": "hunter2"}
    one = Resource("s#x", "database", "aws_db_instance", "aws", "x", "", {}, {}, values, origin)
    other = Resource("s#y", "database", "aws_db_instance", "aws", "y", "", {}, {}, {"username": "app"}, origin)
    found = secret_references.derive(Inventory([one, other]))
    assert isinstance(found["s#x"].values["inline"], Unknown)
    assert found["s#x"].values["inline"].reason.startswith("password stands in a state")
    assert found["s#x"].sensitive == (("password",),)
    assert seen(found["s#x"], "kept_in_state") == ["password"]
    assert (seen(found["s#y"], "inline"), seen(found["s#y"], "kept_in_state")) == ([], [])


TASK_INLINE = '[{"environment":[{"name":"DB_PASSWORD","value":"hunter2"}]}]'
TASK_REFERENCE = '[{"secrets":[{"name":"DB_PASSWORD","valueFrom":"arn:aws:x"}]}]'
LINKED = "azurerm_data_factory_linked_service_sql_server"


@pytest.mark.parametrize(
    ("kind", "values", "inline"),
    [
        ("aws_db_instance", {"password": "hunter2", "username": "app"}, ["password"]),
        ("aws_db_instance", {"password": None, "manage_master_user_password": True}, []),
        ("aws_db_instance", {"password": Unknown("known after apply")}, []),
        (
            "aws_lambda_function",
            {"environment": [{"variables": {"API_KEY": "abc123"}}]},
            ["environment.0.variables.API_KEY"],
        ),
        ("aws_ssm_parameter", {"type": "SecureString", "value": "abc"}, ["value"]),
        ("aws_ssm_parameter", {"type": "String", "value": "abc"}, []),
        ("aws_secretsmanager_secret_version", {"secret_string": "abc123", "secret_id": "x"}, ["secret_string"]),
        ("azurerm_key_vault_secret", {"name": "db", "value": "abc123"}, ["value"]),
        ("kubernetes_secret", {"data": {"anything": "abc123"}}, ["data.anything"]),
        ("aws_ecs_task_definition", {"container_definitions": TASK_INLINE}, ["container_definitions"]),
        ("aws_ecs_task_definition", {"container_definitions": TASK_REFERENCE}, []),
        ("aws_instance", {"user_data": "#!/bin/sh\nexport DB_PASSWORD=hunter2\n"}, ["user_data"]),
        (LINKED, {"connection_string": "Server=x;Uid=y;Password=hunter2"}, ["connection_string"]),
        (LINKED, {"connection_string": "Server=x;Integrated Security=True"}, []),
        ("azurerm_storage_account", {"primary_access_key": "abc123==", "secondary_access_key": "abc123=="}, []),
        ("aws_iam_account_password_policy", {"minimum_password_length": 14, "require_symbols": True}, []),
        ("random_password", {"result": "hunter2", "bcrypt_hash": "x"}, []),
        ("tls_private_key", {"private_key_pem": PEM}, []),
        ("google_compute_instance", {"metadata": {"startup-script": f"curl -H {GITHUB}"}}, ["metadata.startup-script"]),
        ("helm_release", {"set": [{"name": "auth.password", "value": "hunter2"}]}, ["set.0.value"]),
    ],
)
def test_terraform_secrets_in_the_clear(kind: str, values: Body, inline: list[str]) -> None:
    assert seen(resource(kind, values), "inline") == inline


@pytest.mark.parametrize(
    ("reference", "sources", "vault"),
    [
        ("var.password", ["variable"], False),
        ("random_password.db.result", ["generated"], False),
        ("data.vault_kv_secret_v2.db.data", ["terraform-vault"], True),
        ("ephemeral.vault_kv_secret_v2.db.data", ["terraform-vault"], True),
        ("vault_generic_secret.db.data", ["terraform-vault"], True),
        ("data.aws_secretsmanager_secret_version.db.secret_string", ["cloud-secret-manager"], False),
        ("data.google_secret_manager_secret_version.db.secret_data", ["cloud-secret-manager"], False),
        ("data.azurerm_key_vault_secret.db.value", ["cloud-secret-manager"], False),
    ],
)
def test_a_value_from_elsewhere_is_not_inline(reference: str, sources: list[str], vault: bool) -> None:
    fact = resource("aws_db_instance", {"password": "hunter2"}, {("password",): (reference,)})
    assert seen(fact, "inline") == []
    assert (seen(fact, "sources"), seen(fact, "vault")) == (sources, vault)


def test_what_belongs_to_a_store_takes_nothing_from_it() -> None:
    own = {("secret_id",): ("aws_secretsmanager_secret.db.id",), ("secret_string",): ("var.password",)}
    version = resource("aws_secretsmanager_secret_version", {"secret_string": "hunter2"}, own)
    assert seen(version, "sources") == ["variable"]
    granted = resource("aws_iam_role_policy", {"policy": "{}"}, {("policy",): ("aws_secretsmanager_secret.db.arn",)})
    assert seen(granted, "sources") == []


def planned(values: Body, *written: str) -> Fact:
    return resource("aws_db_instance", values, {(key,): () for key in written})


def test_which_secrets_could_be_kept_out_of_the_state() -> None:
    kept = planned({"identifier": "a", "password": Unknown("known after apply"), "password_wo": None}, "password")
    assert (seen(kept, "write_only"), seen(kept, "kept_in_state")) == (["password"], ["password"])
    passed_on = planned({"identifier": "a", "password": None, "password_wo": None}, "password_wo")
    assert (seen(passed_on, "write_only"), seen(passed_on, "kept_in_state")) == (["password"], [])
    older = planned({"identifier": "a", "password": "hunter2"}, "password")
    assert (seen(older, "write_only"), seen(older, "kept_in_state")) == (["password"], ["password"])
    unknown_to_us = resource("acme_db", {"password": "hunter2", "password_wo": None}, {("password",): ("var.p",)})
    assert seen(unknown_to_us, "kept_in_state") == ["password"]
    without = resource("acme_db", {"password": "hunter2"}, {("password",): ("var.p",)})
    assert (seen(without, "write_only"), seen(without, "kept_in_state")) == ([], [])
    plain = {"type": "String", "value": "eu-west-1", "value_wo": None}
    assert seen(resource("aws_ssm_parameter", plain, {("value",): ()}), "write_only") == []
    by_provider = planned({"identifier": "a", "password": Unknown("known after apply")}, "identifier")
    assert seen(by_provider, "kept_in_state") == []


def test_a_build_variable_that_names_a_secret_is_none() -> None:
    kinds = {"PLAINTEXT": "hunter2", "SECRETS_MANAGER": "prod/db:password", "PARAMETER_STORE": "/prod/db/password"}
    variables = [{"name": "DB_PASSWORD", "type": kind, "value": value} for kind, value in kinds.items()]
    found = resource("aws_codebuild_project", {"environment": [{"environment_variable": variables}]})
    assert found.values["inline"] == ["environment.0.environment_variable.0.value"]


def test_scripts_of_machines_are_read_also_in_base64() -> None:
    script = "#!/bin/bash\nexport DB_PASSWORD=hunter2xyz\n"
    coded = base64.b64encode(script.encode()).decode()
    assert resource("aws_instance", {"user_data": script}).values["inline"] == ["user_data"]
    assert resource("aws_launch_template", {"user_data": coded}).values["inline"] == ["user_data"]
    assert resource("azurerm_linux_virtual_machine", {"custom_data": coded}).values["inline"] == ["custom_data"]
    assert resource("aws_instance", {"user_data": "44c6c808e6449ee36dfcfc4ebd66c1b9634b40f2"}).values == {}


def test_scripts_of_machines_are_read_also_when_they_are_compressed() -> None:
    script = gzip.compress(b"#!/bin/bash\nexport DB_PASSWORD=hunter2xyz\n")
    assert seen(resource("aws_instance", {"user_data_base64": base64.b64encode(script).decode()}), "inline")
    bomb = base64.b64encode(gzip.compress(b"a" * 50_000_000)).decode()
    began = time.process_time()
    assert seen(resource("aws_instance", {"user_data_base64": bomb}), "inline") == []
    assert time.process_time() - began < 2
    cut = base64.b64encode(script[:20]).decode()
    assert seen(resource("aws_instance", {"user_data_base64": cut}), "inline") == []


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("aws_instance", {"user_data": "DB_PASSWORD=hunter2xyz ./run.sh"}),
        ("aws_instance", {"user_data": "#!/bin/bash\ncurl -u app:hunter2xyz https://acme.example\n"}),
        ("aws_instance", {"user_data": '<powershell>\n$password = "hunter2xyz"\n</powershell>'}),
        ("azurerm_virtual_machine_extension", {"settings": '{"commandToExecute": "setup --password hunter2xyz"}'}),
        (
            "aws_mwaa_environment",
            {"airflow_configuration_options": {"core.fernet_key": "46BKJoQYlPPOexq0OhDZnIlNepKF"}},
        ),
        ("aws_vpn_connection", {"tunnel1_preshared_key": "hunter2xyz"}),
        (
            "aws_lambda_function",
            {"environment": [{"variables": {"STORE": f"https://a.blob.x/c?sv=1&sig={'a1B2' * 11}"}}]},
        ),
        (
            "aws_sns_topic_subscription",
            {"endpoint": f"https://hooks.{'slack'}.com/services/T12345678/B12345678/{'a1' * 12}"},
        ),
        ("aws_db_instance", {"password_wo": "hunter2xyz"}),
        ("aws_secretsmanager_secret_version", {"secret_string_wo": "hunter2xyz"}),
        ("azurerm_key_vault_secret", {"value_wo": "hunter2xyz"}),
        ("aws_ssm_parameter", {"type": "SecureString", "value_wo": "hunter2xyz"}),
    ],
)
def test_places_where_people_put_secrets(kind: str, values: Body) -> None:
    assert len(resource(kind, values).values["inline"]) == 1


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("aws_instance", {"user_data": "#!/bin/bash\ncurl -u $USER:$PASSWORD https://acme.example\n"}),
        ("aws_instance", {"user_data": "#!/bin/bash\ncurl -u app https://acme.example:8443/x\n"}),
        ("aws_instance", {"user_data": "<powershell>\n$password = Get-Secret db\n</powershell>"}),
        ("azurerm_virtual_machine_extension", {"settings": '{"commandToExecute": "setup --password $PW"}'}),
        ("aws_db_instance", {"password_wo": None, "password_wo_version": 3}),
        ("aws_cloudfront_public_key", {"encoded_key": "x", "comment": "see https://a.example/?sig=short"}),
    ],
)
def test_places_that_only_look_like_it(kind: str, values: Body) -> None:
    assert seen(resource(kind, values), "inline") == []


def test_secrets_of_a_cluster_are_told_once() -> None:
    values: Body = {
        "name": "c",
        "location": "europe-west4",
        "initial_node_count": 1,
        "master_auth": [{"username": "admin", "password": "hunter2"}],
        "resource_labels": {"client_secret": "hunter2"},
    }
    body: Body = {"address": "google_container_cluster.c", "module": "", "mode": "managed", "name": "c", "index": None}
    body |= {"type": "google_container_cluster", "provider": "google", "values": values, "actions": ("no-op",)}
    body |= {"before": None, "sensitive": frozenset(), "expressions": {}, "provider_config": {}}
    cluster = Document("terraform", body, Origin("plan.json", "terraform_plan", (), str(body["address"])))
    found = normalize.inventory(Partition("plan", [cluster]), Ledger())
    assert len(found) == 2
    assert list(secret_references.derive(found)) == ["plan.json#google_container_cluster.c"]


def test_what_the_configuration_does_not_mention_was_made_by_the_provider() -> None:
    values = {"name": "app", "client_secret": "s3cr3t-of-cognito", "environment": [{"DB_PASSWORD": "hunter2"}]}
    written: dict[Any, tuple[str, ...]] = {("name",): ()}
    assert resource("aws_cognito_user_pool_client", values, written).values["inline"] == ["environment.0.DB_PASSWORD"]
    by_hand = resource("aws_cognito_user_pool_client", values, {**written, ("client_secret",): ()})
    assert by_hand.values["inline_count"] == 2


def test_references_of_a_whole_map_count_for_what_is_in_it() -> None:
    values = {"environment": [{"variables": {"API_KEY": "abc123"}}]}
    fact = resource("aws_lambda_function", values, {("environment", 0, "variables"): ("var.key", "local.name")})
    assert seen(fact, "inline") == []


@pytest.mark.parametrize("reference", ["local.password", "module.db.password", "each.value"])
def test_what_a_plan_does_not_show_the_source_of_is_unknown(reference: str) -> None:
    fact = resource("aws_db_instance", {"password": "hunter2"}, {("password",): (reference,)})
    assert seen(fact, "inline").startswith(f"unknown: password comes from {reference}")


def test_a_variable_that_is_no_secret_is_no_source() -> None:
    fact = resource("aws_db_instance", {"name": "x"}, {("name",): ("var.name",)})
    assert (seen(fact, "sources"), seen(fact, "inline")) == ([], [])


def test_a_managed_password_is_in_the_clouds_secret_manager() -> None:
    assert seen(resource("aws_rds_cluster", {"manage_master_user_password": True}), "sources") == [
        "cloud-secret-manager"
    ]


def test_an_asset_is_searched_as_well() -> None:
    values = {"resource": {"data": {"metadata": {"items": [{"key": "db-password", "value": "hunter2"}]}}}}
    assert seen(resource("compute.googleapis.com/Instance", values), "inline") == [
        "resource.data.metadata.items.0.value"
    ]


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
