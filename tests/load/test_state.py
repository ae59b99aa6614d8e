"""States, as `terraform show` gives them and as the file itself: what stands, whoever chose it."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner import load
from scanner.load.terraform_state import DEPOSED
from scanner.model import Citation, Unknown

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Any]
AWS = 'provider["registry.terraform.io/hashicorp/aws"]'


def raw(*resources: Mapping[str, Any], **parts: Any) -> str:
    told = {"version": 4, "terraform_version": "1.11.4", "serial": 3, "lineage": "x", "outputs": {}}
    return json.dumps({**told, "resources": resources, **parts}, indent=2)


def block(kind: str, *instances: Mapping[str, Any], **parts: Any) -> dict[str, Any]:
    told = {"mode": "managed", "type": kind, "name": "x", "provider": AWS}
    return {**told, **parts, "instances": [{"schema_version": 0, "attributes": {}, **one} for one in instances]}


def shown(*resources: Mapping[str, Any], child_modules: Any = ()) -> str:
    root = {"resources": resources, "child_modules": child_modules}
    return json.dumps(
        {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": root}}, indent=2
    )


def instance(address: str, **parts: Any) -> dict[str, Any]:
    kind, name = address.rpartition("[")[0].split(".")[-2:] if address.endswith("]") else address.split(".")[-2:]
    told = {"address": address, "mode": "managed", "type": kind, "name": name}
    return {**told, "provider_name": "registry.terraform.io/hashicorp/aws", "values": {}, **parts}


BODY = {
    "address": 'module.a["x.y"].google_sql_user.u["k"]',
    "module": 'module.a["x.y"]',
    "mode": "managed",
    "type": "google_sql_user",
    "name": "u",
    "index": "k",
    "provider": "google",
    "values": {"name": "n", "password": "p", "blocks": [{"key": "s"}], "host": None},
    "before": None,
    "actions": (),
    "sensitive": frozenset({("password",), ("blocks", 0, "key")}),
    "expressions": {},
    "repeated": {},
    "modules": {},
    "provider_config": {},
}


def test_a_state_file_and_what_terraform_shows_of_it_lead_to_the_same_body(write: Write, read: Read) -> None:
    marks = [
        [{"type": "get_attr", "value": "password"}],
        [
            {"type": "get_attr", "value": "blocks"},
            {"type": "index", "value": {"value": 0, "type": "number"}},
            {"type": "get_attr", "value": "key"},
        ],
    ]
    one = {"index_key": "k", "attributes": BODY["values"], "sensitive_attributes": marks}
    provider = 'module.a.provider["registry.terraform.io/hashicorp/google-beta"].west'
    write("a.tfstate", raw(block("google_sql_user", one, name="u", module='module.a["x.y"]', provider=provider)))
    entry = instance(
        str(BODY["address"]),
        name="u",
        type="google_sql_user",
        index="k",
        provider_name="registry.terraform.io/hashicorp/google-beta",
        values=BODY["values"],
        sensitive_values={"password": True, "blocks": [{"key": True}]},
    )
    write("b.json", shown(child_modules=[{"address": 'module.a["x.y"]', "resources": [entry]}]))
    loaded = read(".")
    file, show = loaded.documents
    assert file.body == BODY
    assert show.body == BODY
    assert file.origin.pointer == ("resources", 0, "instances", 0, "attributes")
    assert show.origin.pointer == ("values", "root_module", "child_modules", 0, "resources", 0, "values")
    assert loaded.ledger.files == {"terraform_state": 2}
    assert [name for name, _ in loaded.partitions] == ["a.tfstate", "b.json"]
    assert not loaded.problems


@pytest.mark.parametrize(
    ("parts", "one", "address"),
    [
        ({}, {}, "aws_x.x"),
        ({}, {"index_key": 0}, "aws_x.x[0]"),
        ({}, {"index_key": 'a"b'}, 'aws_x.x["a\\"b"]'),
        ({"mode": "data"}, {}, "data.aws_x.x"),
        ({"mode": "data", "module": "module.m"}, {"index_key": 1}, "module.m.data.aws_x.x[1]"),
    ],
)
def test_instances_of_a_state_file_are_called_as_terraform_calls_them(
    parts: dict[str, Any], one: dict[str, Any], address: str, write: Write, read: Read
) -> None:
    write("terraform.tfstate", raw(block("aws_x", one, **parts)))
    assert read("terraform.tfstate").addresses == [address]


@pytest.mark.parametrize("written", [AWS, f"module.a.{AWS}.west", "provider.aws", "module.a.provider.aws.west"])
def test_a_provider_is_known_by_its_short_name(written: str, write: Write, read: Read) -> None:
    write("terraform.tfstate", raw(block("aws_x", {}, provider=written)))
    (document,) = read("terraform.tfstate").documents
    assert document.body["provider"] == "aws"


def test_only_resources_of_one_provider_configuration_share_it(write: Write, read: Read) -> None:
    """A data source such as `aws_region` speaks for all of them; what is shown does not tell who they are."""
    write("a.tfstate", raw(block("aws_x", {}, {}), block("aws_x", {}, provider=f"{AWS}.west")))
    first, second, west = (document.body["provider_config"] for document in read("a.tfstate").documents)
    assert first is second
    assert first is not west
    write("b.json", shown(instance("aws_x.a"), instance("aws_x.b")))
    one, other = (document.body["provider_config"] for document in read("b.json").documents)
    assert one is not other


def test_what_waits_to_be_destroyed_is_counted_and_left_out(write: Write, read: Read) -> None:
    write("a.tfstate", raw(block("aws_x", {"deposed": "00000001"}, {})))
    write("b.json", shown(instance("aws_x.x"), instance("aws_x.x", deposed_key="00000001")))
    loaded = read(".")
    assert loaded.addresses == ["aws_x.x", "aws_x.x"]
    assert loaded.ledger.skipped == {DEPOSED: 2}


def test_what_a_tainted_resource_does_not_say_is_not_known(write: Write, read: Read) -> None:
    values = {"arn": None, "encrypted": True, "blocks": [{"key": None}]}
    write("a.tfstate", raw(block("aws_x", {"attributes": values, "status": "tainted"})))
    write("b.json", shown(instance("aws_x.x", values=values, tainted=True)))
    for document in read(".").documents:
        found = document.body["values"]
        assert isinstance(found["arn"], Unknown)
        assert isinstance(found["blocks"][0]["key"], Unknown)
        assert found["encrypted"] is True


def test_a_mark_that_cannot_be_read_hides_all_around_it(write: Write, read: Read) -> None:
    marks = [[{"type": "get_attr", "value": "a"}, {"type": "splat"}, {"type": "get_attr", "value": "b"}], "?"]
    write("terraform.tfstate", raw(block("aws_x", {"sensitive_attributes": marks})))
    (document,) = read("terraform.tfstate").documents
    assert document.body["sensitive"] == {("a",), ()}


def test_an_empty_state_holds_nothing_and_is_no_trouble(write: Write, read: Read) -> None:
    write("a.tfstate", raw())
    write("b.json", '{"format_version": "1.0", "terraform_version": "1.11.4", "values": {}}')
    loaded = read(".")
    assert loaded.documents == []
    assert loaded.problems == []
    assert loaded.ledger.files == {"terraform_state": 2}


def test_a_plan_and_a_state_of_one_folder_are_both_read(write: Write, read: Read) -> None:
    write("main.tf", 'resource "aws_x" "x" {}\n')
    write("plan.json", '{"format_version": "1.2", "planned_values": {}, "resource_changes": []}')
    write("terraform.tfstate", raw(block("aws_x", {})))
    assert read(".").ledger.files == {"terraform_plan": 1, "terraform_state": 1}


def test_a_state_is_shown_in_itself_or_in_the_configuration_beside_it(write: Write, read: Read, base: Path) -> None:
    write("alone/terraform.tfstate", raw(block("aws_x", {"attributes": {"arn": "a", "open": True}})))
    write("alone/state.json", shown(instance("aws_x.x", values={"arn": "a", "open": True})))
    write("infra/main.tf", 'resource "aws_x" "x" {\n  open = true\n}\n')
    write("infra/terraform.tfstate", raw(block("aws_x", {"attributes": {"arn": "a", "open": True}})))

    def lines(path: str) -> list[str]:
        (document,) = read(path).documents
        citations = [Citation(document.origin, steps) for steps in ((), ("open",))]
        found = [located.origin for located in load.locate(citations, load.Options(base))]
        return [f"{one.uri}: {(base / one.uri).read_text().splitlines()[one.line - 1].strip(' ,')}" for one in found]

    assert lines("alone/terraform.tfstate") == [
        'alone/terraform.tfstate: "name": "x"',
        'alone/terraform.tfstate: "open": true',
    ]
    assert lines("alone/state.json") == [
        'alone/state.json: "address": "aws_x.x"',
        'alone/state.json: "open": true',
    ]
    assert lines("infra/terraform.tfstate") == [
        'infra/main.tf: resource "aws_x" "x" {',
        "infra/main.tf: open = true",
    ]


def test_outputs_that_hold_secrets_are_read_from_both_shapes(write: Write, read: Read, base: Path) -> None:
    outputs = {
        "ledger_password": {"value": "meadow-7", "type": "string"},
        "key": {"value": {"secret_key": "x"}, "type": ["object", {}], "sensitive": True},
        "bucket": {"value": "models", "type": "string"},
        "broken": 3,
    }
    write("a.tfstate", json.dumps({**json.loads(raw()), "outputs": outputs}, indent=1))
    shape = {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"outputs": outputs}}
    write("b.json", json.dumps(shape, indent=1))
    for name in ("a.tfstate", "b.json"):
        documents = read(name).documents
        told = {document.origin.address: document.body["values"].get("sensitive") for document in documents}
        assert told == {"output.ledger_password": None, "output.key": True}
        (place,) = load.locate([Citation(documents[0].origin, ("value",))], load.Options(base))
        assert (base / name).read_text().splitlines()[place.origin.line - 1].strip() == '"value": "meadow-7",'
