"""A secret planted anywhere people put secrets appears in no output, whatever the format."""

import base64
import json
from pathlib import Path

import pytest

from tests.test_cli import govscan

SECRET = "zq8Rk2vXw7Lm4Tn9"
ENCODED = base64.b64encode(SECRET.encode()).decode()
POD = "spec: {containers: [{name: c, image: 'c:1', %s}]}"
OBJECT = "apiVersion: %s\nkind: %s\nmetadata: {name: planted%s}\n%s\n"

MANIFESTS = {
    "stringData": OBJECT % ("v1", "Secret", "", f"stringData: {{whatever: {SECRET}}}"),
    "data": OBJECT % ("v1", "Secret", "", f"data: {{whatever: {ENCODED}}}"),
    "environment": OBJECT % ("v1", "Pod", "", POD % f"env: [{{name: DB_PASSWORD, value: {SECRET}}}]"),
    "arguments": OBJECT % ("v1", "Pod", "", POD % f"args: ['--db-password={SECRET}', --verbose]"),
    "separate-argument": OBJECT % ("v1", "Pod", "", POD % f"args: [--db-password, {SECRET}]"),
    "url": OBJECT % ("v1", "Pod", "", POD % f"env: [{{name: DSN, value: 'postgres://u:{SECRET}@db/x'}}]"),
    "configuration": OBJECT % ("v1", "ConfigMap", "", f"data: {{app.yaml: 'db: {{password: {SECRET}}}'}}"),
    "annotation": OBJECT % ("v1", "Pod", f", annotations: {{example.com/api-token: {SECRET}}}", POD % "env: []"),
    "custom": OBJECT % ("example.com/v1", "Database", "", f"spec: {{auth: {{password: {SECRET}}}}}"),
}


def plan(values: dict[str, object], sensitive: object = False) -> str:
    """A plan of one database with these values."""
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {}, "after_sensitive": sensitive}
    entry = {"address": "aws_db_instance.x", "mode": "managed", "type": "aws_db_instance", "name": "x"}
    provider = "registry.terraform.io/hashicorp/aws"
    return json.dumps(
        {
            "format_version": "1.2",
            "planned_values": {"root_module": {}},
            "resource_changes": [{**entry, "provider_name": provider, "change": change}],
            "configuration": {"root_module": {"resources": [{**entry, "expressions": {}}]}},
        },
        indent=2,
    )


PLANS = {
    "password": plan({"engine": "postgres", "password": SECRET}),
    "sensitive": plan(
        {"engine": SECRET, "publicly_accessible": True, "region": SECRET}, {"engine": True, "region": True}
    ),
    "all-sensitive": plan({"engine": "postgres", "identifier": SECRET}, sensitive=True),
    "user-data": plan({"engine": "postgres", "user_data": f"export DB_PASSWORD={SECRET}"}),
    "nested": plan({"engine": "postgres", "environment": [{"variables": {"API_KEY": SECRET}}]}),
    "connection": plan({"engine": "postgres", "connection_string": f"Server=x;Uid=y;Password={SECRET};"}),
}


DATABASE = {"engine": "postgres", "password": SECRET, "publicly_accessible": True, "storage_encrypted": False}
PROVIDER = "registry.terraform.io/hashicorp/aws"
ENTRY = {"mode": "managed", "type": "aws_db_instance", "name": "x"}
OUTPUTS = {"db_password": {"value": SECRET, "type": "string", "sensitive": True}}

STATES = {
    "shown": json.dumps(
        {
            "format_version": "1.0",
            "values": {
                "root_module": {
                    "resources": [
                        {**ENTRY, "address": "aws_db_instance.x", "provider_name": PROVIDER, "values": DATABASE}
                    ]
                },
                "outputs": OUTPUTS,
            },
        },
        indent=2,
    ),
    "file": json.dumps(
        {
            "version": 4,
            "lineage": "x",
            "outputs": OUTPUTS,
            "resources": [{**ENTRY, "provider": f'provider["{PROVIDER}"]', "instances": [{"attributes": DATABASE}]}],
        },
        indent=2,
    ),
    "marked": json.dumps(
        {
            "version": 4,
            "lineage": "x",
            "resources": [
                {
                    **ENTRY,
                    "provider": f'provider["{PROVIDER}"]',
                    "instances": [
                        {
                            "attributes": {**DATABASE, "password": None, "engine": SECRET},
                            "sensitive_attributes": [[{"type": "get_attr", "value": "engine"}]],
                        }
                    ],
                }
            ],
        },
        indent=2,
    ),
}


_DATABASE = {"engine": "postgres", "password": SECRET, "nested": {"token": SECRET}}
CONFIGURATIONS = {
    "main.tf.json": json.dumps({"resource": {"aws_db_instance": {"x": _DATABASE}}}, indent=2),
    "broken.tf.json": json.dumps({"resource": {"aws_db_instance": {"x": {**_DATABASE, "x": "${" + SECRET}}}}),
    "refused.tf.json": json.dumps({"resource": {"aws_db_instance": {"x": {**_DATABASE, "x": "${1 +}"}}}}),
    "main.tofu": f'resource "aws_db_instance" "x" {{\n  engine   = "postgres"\n  password = "{SECRET}"\n}}\n',
    "override.tf": f'resource "aws_db_instance" "nowhere" {{\n  password = "{SECRET}"\n}}\n',
}


def test_no_output_holds_a_variable_that_was_given(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "p" {}\nvariable "s" {\n  sensitive = true\n}\n'
        'resource "aws_db_instance" "x" {\n  password = var.p\n  username = var.s\n}\n'
    )
    (tmp_path / "given.tfvars").write_text(f's = "{SECRET}"\n')
    words = ("--var", f"p={SECRET}", "--var", f"nowhere={SECRET}", "--var-file", "given.tfvars")
    assert _leaks(tmp_path, "main.tf", *words) == []


@pytest.mark.parametrize("joint", ["-", "_", ".", "/"])
@pytest.mark.parametrize("shape", ["{secret}{joint}x", "x{joint}{secret}", "x{joint}{secret}{joint}x"])
def test_no_output_holds_a_secret_that_is_joined_to_other_text(tmp_path: Path, shape: str, joint: str) -> None:
    """A name, a region and a team made from a password: reports show them of every resource, apart from findings."""
    joined = shape.format(secret=SECRET, joint=joint)
    values = {"engine": "postgres", "password": SECRET, "publicly_accessible": True, "identifier": joined}
    (tmp_path / "plan.json").write_text(plan({**values, "region": joined, "tags": {"team": joined}}))
    assert _leaks(tmp_path, "plan.json") == []


def test_no_output_holds_a_secret_that_names_a_resource_elsewhere(tmp_path: Path) -> None:
    """What is known to be a secret from one target is one in the targets that were read before it."""
    (tmp_path / "a.json").write_text(plan({"engine": "postgres", "identifier": f"{SECRET}-x"}))
    (tmp_path / "b.json").write_text(plan({"engine": "postgres", "password": SECRET}))
    assert _leaks(tmp_path, "a.json", "b.json") == []


_FIRST_LINES = 'resource "aws_db_instance" "x" {{\n  identifier          = {}\n  publicly_accessible = true\n}}\n'
_MARKED = 'variable "s" {\n  sensitive = true\n%s}\n'
FOLDERS = {
    "a sensitive variable's default": {
        "main.tf": _MARKED % f'  default = "{SECRET}"\n' + _FIRST_LINES.format("var.s"),
    },
    "an ephemeral variable's default": {
        "main.tf": f'variable "s" {{\n  ephemeral = true\n  default = "{SECRET}"\n}}\n' + _FIRST_LINES.format('"x"'),
    },
    "a sensitive map": {
        "main.tf": _MARKED % f'  default = {{\n    db = ["{SECRET}"]\n  }}\n' + _FIRST_LINES.format("var.s.db[0]"),
    },
    "a sensitive heredoc": {
        "main.tf": _MARKED % f"  default = <<-END\n    {SECRET}\n  END\n" + _FIRST_LINES.format("var.s"),
    },
    "a literal beside a value that was given": {
        "main.tf": _MARKED % "" + _FIRST_LINES.format(f'"{SECRET}"'),
        "terraform.tfvars": f's = "{SECRET}"\n',
    },
    "a literal beside a value that was given in JSON": {
        "main.tf": _MARKED % "" + _FIRST_LINES.format(f'"{SECRET}"'),
        "x.auto.tfvars.json": json.dumps({"s": {"deep": [SECRET]}}),
    },
    "the argument of a module": {
        "main.tf": f'module "m" {{\n  source = "./m"\n  s = "{SECRET}"\n}}\n' + _FIRST_LINES.format(f'"{SECRET}"'),
        "m/main.tf": _MARKED % "" + _FIRST_LINES.format("var.s"),
    },
    "a module's default": {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n',
        "m/main.tf": _MARKED % f'  default = "{SECRET}"\n' + _FIRST_LINES.format("var.s"),
    },
    "a variable that is a password unmarked": {
        "main.tf": f'variable "p" {{\n  default = "{SECRET}"\n}}\n'
        + _FIRST_LINES.format(f'"{SECRET}"')
        + 'resource "aws_db_instance" "y" {\n  password            = var.p\n  publicly_accessible = true\n}\n',
    },
    "a local value that is a password": {
        "main.tf": f'locals {{\n  p = "{SECRET}"\n}}\n'
        + _FIRST_LINES.format(f'"{SECRET}"')
        + 'resource "aws_db_instance" "y" {\n  password            = local.p\n  publicly_accessible = true\n}\n',
    },
    "a document in JSON that is a secret as a whole": {
        "main.tf": f'resource "vault_kv_secret_v2" "x" {{\n  mount     = "kv"\n  name      = "x"\n'
        f'  data_json = jsonencode({{ user = "me", deep = {{ words = ["{SECRET}"] }} }})\n}}\n',
    },
    "one that is passed on write-only": {
        "main.tf": f'resource "vault_kv_secret_v2" "x" {{\n  mount        = "kv"\n  name         = "x"\n'
        f'  data_json_wo = jsonencode({{ words = "{SECRET}" }})\n}}\n',
    },
    "a document in JSON in a store of a cloud": {
        "main.tf": 'resource "aws_secretsmanager_secret_version" "x" {\n  secret_id     = "x"\n'
        f'  secret_string = jsonencode({{ words = "{SECRET}" }})\n}}\n',
    },
    "a secret id of an AppRole": {
        "main.tf": 'resource "vault_approle_auth_backend_role_secret_id" "x" {\n  role_name = "x"\n'
        f'  secret_id = "{SECRET}"\n}}\n',
    },
    "a login of a provider": {
        "main.tf": 'provider "vault" {\n  auth_login {\n    path       = "auth/approle/login"\n'
        f'    parameters = {{ role_id = "x", secret_id = "{SECRET}" }}\n  }}\n  auth_login_userpass {{\n'
        f'    username = "me"\n    password = "{SECRET}"\n  }}\n}}\n',
    },
    "a sensitive variable in JSON": {
        "main.tf.json": json.dumps(
            {
                "variable": {"s": {"sensitive": True, "default": SECRET}},
                "resource": {"aws_db_instance": {"x": {"identifier": "${var.s}", "publicly_accessible": True}}},
            },
            indent=2,
        ),
    },
}


@pytest.mark.parametrize("name", FOLDERS)
def test_no_output_holds_what_a_configuration_keeps_secret(tmp_path: Path, name: str) -> None:
    for file, text in FOLDERS[name].items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    assert _leaks(tmp_path, ".") == []


def test_no_output_holds_a_given_secret_that_also_stands_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(_MARKED % "" + _FIRST_LINES.format(f'"{SECRET}"'))
    assert _leaks(tmp_path, "main.tf", "--var", f"s={SECRET}") == []


def test_no_output_holds_the_value_of_a_plans_sensitive_variable(tmp_path: Path) -> None:
    """Nothing says that the name is the password; the plan says what the variable is."""
    told = json.loads(plan({"engine": "postgres", "identifier": SECRET, "publicly_accessible": True}))
    told["variables"] = {"s": {"value": {"deep": [SECRET]}}}
    told["configuration"]["root_module"]["variables"] = {"s": {"sensitive": True}}
    (tmp_path / "plan.json").write_text(json.dumps(told, indent=2))
    assert _leaks(tmp_path, "plan.json") == []


@pytest.mark.parametrize("where", ["default", "argument"])
def test_no_output_holds_what_a_plans_module_keeps_secret(tmp_path: Path, where: str) -> None:
    told = json.loads(plan({"engine": "postgres", "identifier": SECRET, "publicly_accessible": True}))
    declared = {"sensitive": True} | ({"default": SECRET} if where == "default" else {})
    given = {"expressions": {"s": {"constant_value": SECRET}}} if where == "argument" else {}
    call = {"source": "./m", "module": {"variables": {"s": declared}}, **given}
    told["configuration"]["root_module"]["module_calls"] = {"m": call}
    (tmp_path / "plan.json").write_text(json.dumps(told, indent=2))
    assert _leaks(tmp_path, "plan.json") == []


@pytest.mark.parametrize("where", ["root", "part", "module"])
def test_no_output_holds_what_a_write_only_argument_is_given(tmp_path: Path, where: str) -> None:
    """A plan shows the value of an ephemeral variable, and does not say that it is one."""
    told = json.loads(plan({"engine": "postgres", "identifier": SECRET, "publicly_accessible": True}))
    root = told["configuration"]["root_module"]
    names = ["var.s.password", "var.s"] if where == "part" else ["var.s"]
    root["resources"][0]["expressions"] = {"password_wo": {"references": names}}
    told["variables"] = {"s": {"value": {"password": SECRET, "engine": "postgres"} if where == "part" else SECRET}}
    if where == "module":
        call = {"module": {**root, "variables": {"s": {}}}, "expressions": {"s": {"references": ["var.s"]}}}
        told["configuration"]["root_module"] = {"module_calls": {"m": call}}
    (tmp_path / "plan.json").write_text(json.dumps(told, indent=2))
    assert _leaks(tmp_path, "plan.json") == []
    told = json.loads((tmp_path / "out" / "json").read_text())
    assert any("postgres" in one["message"] for one in told["findings"])


NAMED = {
    "object.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {SECRET}}}\nstringData: {{password: {SECRET}}}\n",
    "twins.yaml": "---\n".join(
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x-{SECRET}{end}}}\nstringData: {{password: {SECRET}}}\n"
        for end in ("", f"-{SECRET}")
    ),
    "key.json": plan({"engine": "postgres", "password": SECRET, "publicly_accessible": True}).replace(
        '"aws_db_instance.x"', json.dumps(f'aws_db_instance.x["{SECRET}"]')
    ),
    "mark.json": plan({"engine": "postgres", "password": SECRET, "publicly_accessible": True}).replace(
        '"aws_db_instance.x"', json.dumps(f'aws_db_instance.x["{SECRET}#b"]')
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_no_output_holds_a_secret_that_is_the_name_of_its_object(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(NAMED[name])
    assert _leaks(tmp_path, name) == []


@pytest.mark.parametrize("words", [["inspect"], ["inspect", "--native"], ["policy", "explain", "public-database"]])
@pytest.mark.parametrize("name", [*NAMED, *FOLDERS])
def test_no_secret_is_shown_to_a_policy_author(tmp_path: Path, name: str, words: list[str]) -> None:
    for file, text in FOLDERS.get(name, {name: NAMED.get(name, "")}).items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    done = govscan(tmp_path, *words, ".")
    assert done.stdout
    assert SECRET not in done.stdout + done.stderr


def test_a_policy_author_sees_the_verdict_on_what_is_named_by_a_secret(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(NAMED["key.json"])
    done = govscan(tmp_path, "policy", "explain", "public-database", ".")
    assert 'fail  aws_db_instance.x["(redacted)"]' in done.stdout


def test_objects_that_are_named_by_secrets_stay_apart(tmp_path: Path) -> None:
    (tmp_path / "twins.yaml").write_text(NAMED["twins.yaml"].replace(f"-{SECRET}}}", "}"))
    _leaks(tmp_path, "twins.yaml")
    told = json.loads((tmp_path / "out" / "json").read_text())
    uids = [resource["uid"] for resource in told["resources"]]
    assert len(uids) == len(set(uids)) == 2
    assert {finding["resource"] for finding in told["findings"]} <= set(uids)


def test_an_empty_password_hides_nothing_and_a_common_one_no_names(tmp_path: Path) -> None:
    pod = "spec: {containers: [{name: c, image: 'c:1', env: [{name: DB_PASSWORD, value: minio}]}]}"
    text = OBJECT % ("v1", "Secret", "", "stringData: {password: '', other: minio}")
    (tmp_path / "x.yaml").write_text(text + "---\n" + (OBJECT % ("v1", "Pod", "", pod)).replace("planted", "minio"))
    _leaks(tmp_path, "x.yaml")
    told = json.loads((tmp_path / "out" / "json").read_text())
    assert [(one["name"], one["region"], one["team"]) for one in told["resources"]] == [
        ("planted", "", ""),
        ("minio", "", ""),
    ]
    assert "(redacted)" not in json.dumps([one["message"] for one in told["findings"]])


@pytest.mark.parametrize(
    "held",
    [json.dumps({"user": "app", "password": SECRET}), f"postgres://app:{SECRET}@db/x", f"DB_PASSWORD={SECRET}\n"],
)
def test_no_output_holds_a_part_of_a_sensitive_text_that_is_written_elsewhere(tmp_path: Path, held: str) -> None:
    (tmp_path / "main.tf").write_text(
        f'locals {{\n  first = "{SECRET}"\n}}\nresource "aws_db_instance" "x" {{\n  publicly_accessible = true\n}}\n'
    )
    values = {"engine": "postgres", "publicly_accessible": True, "custom": held}
    (tmp_path / "plan.json").write_text(plan(values, {"custom": True}))
    assert _leaks(tmp_path, "plan.json") == []


@pytest.mark.parametrize("team", [SECRET, f"'{SECRET}#b'"])
def test_no_output_holds_a_secret_that_sums_are_grouped_by(tmp_path: Path, team: str) -> None:
    text = OBJECT % ("v1", "Secret", "", f"stringData: {{whatever: {SECRET}}}")
    pod = "spec: {containers: [{name: c, image: 'c:1', resources: {limits: {nvidia.com/gpu: 64}}}]}"
    text += "---\n" + OBJECT % ("v1", "Pod", f", namespace: {SECRET}, labels: {{team: {team}}}", pod)
    (tmp_path / "x.yaml").write_text(text)
    assert _leaks(tmp_path, "x.yaml") == []


def test_no_output_holds_a_secret_that_a_problem_names(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        _MARKED % f'  default = "{SECRET}"\n' + f'module "m" {{\n  source = "./{SECRET}"\n}}\n'
    )
    assert _leaks(tmp_path, "main.tf") == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *CONFIGURATIONS.items(),
        *((f"{name}.yaml", text) for name, text in MANIFESTS.items()),
        *((f"{name}.json", text) for name, text in PLANS.items()),
        *((f"{name}.tfstate", text) for name, text in STATES.items()),
    ],
)
def test_no_output_holds_a_planted_secret(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    assert _leaks(tmp_path, name) == []


def _leaks(tmp_path: Path, *words: str) -> list[str]:
    reports = [word for kind in ("console", "html", "json", "sarif") for word in ("--report", f"{kind}=out/{kind}")]
    done = govscan(tmp_path, "scan", *words, "--fail-on", "info", *reports)
    outputs = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    outputs |= {"stdout": done.stdout, "stderr": done.stderr}
    assert len(outputs) == 6
    return [where for where, text in outputs.items() if SECRET in text or ENCODED in text]
