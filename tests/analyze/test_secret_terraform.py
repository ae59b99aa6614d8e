"""Secrets in the clear, and where secrets come from, in plans, states and exports of assets."""

import base64
import gzip
import time
from typing import Any

import pytest

from scanner import normalize
from scanner.analyze import secret_references
from scanner.model import Document, Fact, Inventory, Ledger, Origin, Partition, Resource, Unknown
from tests.analyze.secret_facts import GITHUB, PEM, seen

Body = dict[str, Any]


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


@pytest.mark.parametrize("kind", ["kubernetes_secret", "kubernetes_secret_v1"])
@pytest.mark.parametrize("field", ["data", "data_wo", "binary_data"])
def test_what_terraform_writes_into_a_secret_of_kubernetes_is_one(kind: str, field: str) -> None:
    values = {field: {"anything": "abc123", "username": "app", "ca.crt": "abc"}, "metadata": [{"name": "x"}]}
    origin = Origin("plan.json", "terraform_plan", (), f"{kind}.x")
    one = Resource("p#x", "other", kind, "kubernetes", "x", "", {}, {}, values, origin)
    found = secret_references.derive(Inventory([one]))["p#x"]
    assert seen(found, "inline") == [f"{field}.anything"]


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


def test_what_a_broken_off_creation_left_open_is_not_said_to_be_in_the_state() -> None:
    origin = Origin("terraform.tfstate", "terraform_state", (), "aws_db_instance.x")
    values = {"username": "app", "password": Unknown("not known: it is tainted", "password")}
    one = Resource("s#x", "database", "aws_db_instance", "aws", "x", "", {}, {}, values, origin)
    found = secret_references.derive(Inventory([one]))
    assert isinstance(found["s#x"].values["kept_in_state"], Unknown)


TASK_INLINE = '[{"environment":[{"name":"DB_PASSWORD","value":"hunter2"}]}]'
TASK_REFERENCE = '[{"secrets":[{"name":"DB_PASSWORD","valueFrom":"arn:aws:x"}]}]'
LINKED = "azurerm_data_factory_linked_service_sql_server"


@pytest.mark.parametrize(
    ("kind", "values", "inline"),
    [
        ("aws_db_instance", {"password": "hunter2", "username": "app"}, ["password"]),
        ("aws_db_instance", {"password": "hunter2\r\n"}, ["password"]),
        ("aws_db_instance", {"password": "${DB_PASSWORD}\n"}, []),
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
        ("aws_secretsmanager_secret_version", {"secret_string": '{"any":"abc123"}'}, ["secret_string"]),
        ("aws_secretsmanager_secret_version", {"secret_string": '{"any":"placeholder","user":"app"}'}, []),
        ("google_secret_manager_secret_version", {"secret_data_wo": '{"any":"abc123"}'}, ["secret_data_wo"]),
        (
            "kubernetes_manifest",
            {"manifest": {"kind": "Secret", "stringData": {"any": "abc123", "user": "app"}}},
            ["manifest.stringData.any"],
        ),
        ("kubernetes_manifest", {"manifest": {"kind": "ConfigMap", "data": {"any": "abc123"}}}, []),
        ("github_actions_organization_secret", {"plaintext_value": "abc123"}, ["plaintext_value"]),
        ("google_compute_instance", {"metadata_startup_script": "export API_KEY=abc123"}, ["metadata_startup_script"]),
        ("vault_approle_auth_backend_role_secret_id", {"role_name": "x", "secret_id": "abc123"}, ["secret_id"]),
        (
            "terraform_provider",
            {"auth_login": [{"path": "auth/approle/login", "parameters": {"role_id": "x", "secret_id": "abc123"}}]},
            ["auth_login.0.parameters.secret_id"],
        ),
        ("terraform_provider", {"auth_login": [{"parameters": Unknown("not known")}]}, []),
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
    hashed = resource("aws_instance", {"user_data": "44c6c808e6449ee36dfcfc4ebd66c1b9634b40f2"}).values["inline"]
    assert isinstance(hashed, Unknown)
    assert "only a hash" in hashed.reason


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


KEY = ("environment", 0, "variables", "API_KEY")


@pytest.mark.parametrize(
    "reference",
    ["var.key", "local.name", "data.sops_file.x.data", "aws_iam_access_key.k.secret", "terraform_data.x.output"],
)
def test_which_entry_of_a_map_a_reference_supplies_a_plan_does_not_tell(reference: str) -> None:
    values = {"environment": [{"variables": {"API_KEY": "abc123"}}]}
    others = ("aws_s3_bucket.b.id", "aws_s3_bucket.b", reference, reference.rpartition(".")[0])
    fact = resource("aws_lambda_function", values, {KEY[:-1]: others})
    assert seen(fact, "inline").startswith(f"unknown: environment.0.variables.API_KEY may come from {reference}")
    assert fact.sensitive == (KEY,)


def test_what_no_reference_of_a_map_can_supply_was_written_down() -> None:
    values = {"environment": [{"variables": {"API_KEY": "abc123", "BUCKET": "b"}}]}
    bucket = ("aws_s3_bucket.b[0].id", "aws_s3_bucket.b[0]", "aws_s3_bucket.b")
    fact = resource("aws_lambda_function", values, {KEY[:-1]: bucket})
    assert seen(fact, "inline") == ["environment.0.variables.API_KEY"]


def test_an_entry_of_a_map_that_refers_to_nothing_was_written_down() -> None:
    values = {"environment": [{"variables": {"API_KEY": "abc123", "TOKEN": "def456"}}]}
    fact = resource("aws_lambda_function", values, {KEY[:-1]: ("var.token",), KEY: ()})
    assert seen(fact, "inline") == ["environment.0.variables.API_KEY"]


def test_a_text_may_be_put_together_from_what_is_no_secret() -> None:
    values = {"environment": [{"variables": {"DB": "Server=db.local;Uid=app;Pwd=hunter2"}}]}
    fact = resource("aws_lambda_function", values, {KEY[:-1]: ("aws_db_instance.x.address", "aws_db_instance.x")})
    assert seen(fact, "inline") == []


def test_connection_strings_of_a_web_app_are_written_by_people() -> None:
    text = "Server=db;Uid=app;Pwd=hunter2"
    values: Body = {"name": "app", "connection_string": [{"name": "main", "value": text}]}
    written: dict[Any, tuple[str, ...]] = {("name",): (), ("connection_string", 0, "value"): ()}
    assert seen(resource("azurerm_linux_web_app", values, written), "inline") == ["connection_string.0.value"]
    made = resource("azurerm_application_insights", {"name": "app", "connection_string": text})
    assert seen(made, "inline") == []


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


AWS_WRITTEN: list[tuple[str, Body, str]] = [
    ("aws_elasticache_user", {"passwords": ["Sup3rS3cretPw9long"]}, "passwords.0"),
    (
        "aws_memorydb_user",
        {"authentication_mode": [{"passwords": ["Sup3rS3cret"]}]},
        "authentication_mode.0.passwords.0",
    ),
    (
        "aws_sagemaker_model",
        {"primary_container": [{"environment": {"HF_TOKEN": "Gh0stTok3n"}}]},
        "primary_container.0",
    ),
    ("aws_api_gateway_api_key", {"name": "partner", "value": "Sup3rS3cretPw9abcdef1234"}, "value"),
    (
        "aws_cloudwatch_event_connection",
        {"auth_parameters": [{"api_key": [{"key": "x-signature", "value": "Sup3rS3cret"}]}]},
        "auth_parameters.0.api_key.0.value",
    ),
    (
        "aws_kinesis_firehose_delivery_stream",
        {"http_endpoint_configuration": [{"access_key": "Sup3rS3cretPw9"}]},
        "http_endpoint_configuration.0.access_key",
    ),
    (
        "aws_api_gateway_integration",
        {"request_parameters": {"integration.request.header.Authorization": "'Bearer Sup3rS3cretPw9abcdef'"}},
        "request_parameters",
    ),
    (
        "aws_ssm_document",
        {"content": '{"mainSteps":[{"inputs":{"runCommand":["export DB_PASSWORD=Sup3rS3cretPw9"]}}]}'},
        "content",
    ),
    ("aws_dms_endpoint", {"extra_connection_attributes": "asm_user=u;asm_password=Sup3rS3cret;"}, "extra_connection"),
]


@pytest.mark.parametrize(("kind", "values", "place"), AWS_WRITTEN, ids=[kind for kind, _, _ in AWS_WRITTEN])
def test_secrets_of_aws_under_names_of_their_own(kind: str, values: Body, place: str) -> None:
    (found,) = seen(resource(kind, values), "inline")
    assert found.startswith(place)


def test_keys_that_azure_makes_are_still_nobodys_writing() -> None:
    values = {"primary_access_key": "a1B2c3D4e5F6", "secondary_connection_string": "Endpoint=x;SharedAccessKey=abcdef"}
    assert seen(resource("azurerm_storage_account", values), "inline") == []
