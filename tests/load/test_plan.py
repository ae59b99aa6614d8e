import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scanner.model import Unknown

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Any]
INDEX = re.compile(r'\[(?:\d+|"[^"]*")\]')
AWS = "registry.terraform.io/hashicorp/aws"


def change(address: str, *, actions: tuple[str, ...] = ("create",), **parts: Any) -> dict[str, Any]:
    kind, name = INDEX.sub("", address).split(".")[-2:]
    told = {
        key: parts.pop(key) for key in ("module_address", "index", "mode", "provider_name", "deposed") if key in parts
    }
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": AWS,
        **told,
        "change": {"actions": list(actions), "before": None, "after": {}, "after_unknown": {}, **parts},
    }


def plan(*changes: Mapping[str, Any], **parts: Any) -> str:
    return json.dumps({"format_version": "1.2", "planned_values": {}, "resource_changes": changes, **parts})


@pytest.fixture
def bodies(write: Write, read: Read) -> Callable[[str], dict[str, dict[str, Any]]]:
    def bodies(text: str) -> dict[str, dict[str, Any]]:
        write("plan.json", text)
        loaded = read("plan.json")
        assert not loaded.problems
        return {document.body["address"]: document.body for document in loaded.documents}

    return bodies


Bodies = Callable[[str], dict[str, dict[str, Any]]]


def test_a_body_says_who_what_and_where(write: Write, read: Read) -> None:
    write(
        "plan.json",
        plan(
            change(
                'module.a["x.y"].google_sql_user.u[1]',
                module_address='module.a["x.y"]',
                index=1,
                provider_name="registry.terraform.io/hashicorp/google-beta",
                after={"name": "n"},
            ),
        ),
    )
    (document,) = read().documents
    assert document.dialect == "terraform"
    assert document.origin.pointer == ("resource_changes", 0, "change", "after")
    assert document.origin.address == 'module.a["x.y"].google_sql_user.u[1]'
    assert document.body == {
        "address": 'module.a["x.y"].google_sql_user.u[1]',
        "module": 'module.a["x.y"]',
        "mode": "managed",
        "type": "google_sql_user",
        "name": "u",
        "index": 1,
        "provider": "google",
        "values": {"name": "n"},
        "before": None,
        "actions": ("create",),
        "sensitive": frozenset(),
        "was_sensitive": frozenset(),
        "deposed": False,
        "expressions": {},
        "configured": False,
        "repeated": {},
        "modules": {},
        "provider_config": {},
    }


def test_what_only_the_apply_can_tell_is_unknown_where_it_stands(bodies: Bodies) -> None:
    values = bodies(
        plan(
            change(
                "aws_x.a",
                after={"name": "n", "blocks": [{"a": 1}, {"a": 2}], "kept": {"x": 1}, "short": [], "none": None},
                after_unknown={
                    "id": True,
                    "blocks": [{}, {"b": True}],
                    "kept": {},
                    "short": [False, True],
                    "none": {"deep": [True]},
                    "no": False,
                },
            )
        )
    )["aws_x.a"]["values"]
    assert isinstance(values["id"], Unknown)
    assert (values["id"].reason, values["id"].path) == ("known after apply", "id")
    assert values["blocks"][0] == {"a": 1}
    assert values["blocks"][1]["a"] == 2
    assert values["blocks"][1]["b"].path == "blocks[1].b"
    assert values["kept"] == {"x": 1}
    assert values["short"][0] is None
    assert isinstance(values["short"][1], Unknown)
    assert values["none"]["deep"][0].path == "none.deep[0]"
    assert "no" not in values


def test_a_resource_that_is_unknown_as_a_whole_has_its_arguments_unknown(bodies: Bodies) -> None:
    configuration = {
        "root_module": {
            "resources": [{"mode": "managed", "type": "aws_x", "name": "a", "expressions": {"acl": {"references": []}}}]
        }
    }
    text = plan(change("aws_x.a", after=None, after_unknown=True), configuration=configuration)
    assert isinstance(bodies(text)["aws_x.a"]["values"]["acl"], Unknown)


def test_every_kind_of_change(bodies: Bodies) -> None:
    found = bodies(
        plan(
            change("aws_x.deleted", actions=("delete",), before={"a": 1}, after=None, before_sensitive={"a": True}),
            change("aws_x.replaced", actions=("delete", "create"), before={"a": 1}, after={"a": 2}),
            change("aws_x.kept", actions=("no-op",), before={"a": 1}, after={"a": 1}),
            change("data.aws_x.read", actions=("read",), mode="data", after={"b": 1}, after_unknown={"a": True}),
        )
    )
    assert [(body["actions"], body["before"]) for body in found.values()] == [
        (("delete",), {"a": 1}),
        (("delete", "create"), {"a": 1}),
        (("no-op",), {"a": 1}),
        (("read",), None),
    ]
    assert found["aws_x.deleted"]["values"] == {"a": 1}
    assert found["aws_x.deleted"]["sensitive"] == {("a",)}
    assert found["aws_x.replaced"]["values"] == {"a": 2}
    assert found["data.aws_x.read"]["mode"] == "data"
    assert isinstance(found["data.aws_x.read"]["values"]["a"], Unknown)


def test_sensitive_paths(bodies: Bodies) -> None:
    found = bodies(
        plan(
            change("aws_x.a", after={}, after_sensitive={"password": True, "users": [{}, {"key": True}], "x": [False]}),
            change("aws_x.b", after={}, after_sensitive=True),
            change("aws_x.c", after={}, after_sensitive=False),
        )
    )
    assert [body["sensitive"] for body in found.values()] == [{("password",), ("users", 1, "key")}, {()}, frozenset()]


def test_resources_that_the_changes_leave_out_come_from_the_planned_values(write: Write, read: Read) -> None:
    def held(address: str, mode: str = "managed") -> dict[str, Any]:
        kind, name = address.split(".")[-2:]
        return {
            "address": address,
            "mode": mode,
            "type": kind,
            "name": name,
            "provider_name": AWS,
            "values": {"v": address},
            "sensitive_values": {"v": True},
        }

    children = [{"address": "module.m", "resources": [held("module.m.aws_x.b")]}]
    prior = {"root_module": {"resources": [held("data.aws_x.d", "data"), held("aws_x.gone")]}}
    write(
        "plan.json",
        plan(
            change("aws_x.a"),
            planned_values={"root_module": {"resources": [held("aws_x.a")], "child_modules": children}},
            prior_state={"values": prior},
        ),
    )
    documents = read().documents
    assert [document.origin.address for document in documents] == ["aws_x.a", "module.m.aws_x.b", "data.aws_x.d"]
    staying = documents[1]
    assert (staying.body["module"], staying.body["actions"]) == ("module.m", ("no-op",))
    assert staying.body["sensitive"] == {("v",)}
    assert staying.origin.pointer == (
        "planned_values", "root_module", "child_modules", 0, "resources", 0, "values",
    )  # fmt: skip
    assert documents[2].origin.pointer == ("prior_state", "values", "root_module", "resources", 0, "values")


def test_expressions_are_found_through_modules_whatever_the_index(bodies: Bodies) -> None:
    inner = {
        "resources": [
            {
                "mode": "managed",
                "type": "aws_x",
                "name": "a",
                "expressions": {"size": {"references": ["var.size"]}},
                "provider_config_key": "module.m:aws",
            }
        ]
    }
    configuration = {
        "root_module": {"module_calls": {"m": {"source": "./m", "module": {"module_calls": {"n": {"module": inner}}}}}},
        "provider_config": {
            "module.m:aws": {
                "name": "aws",
                "module_address": "module.m",
                "expressions": {"region": {"references": ["var.region"]}},
            }
        },
    }
    address = 'module.m["a.module.b[0]"].module.n[3].aws_x.a["k"]'
    found = bodies(
        plan(
            change(address, module_address='module.m["a.module.b[0]"].module.n[3]'),
            configuration=configuration,
            variables={"region": {"value": "us-east-1"}},
        )
    )[address]
    assert found["expressions"] == {"size": {"references": ["var.size"]}}
    # The module's `var.region` is not the root's.
    assert (
        found["provider_config"]["region"].reason
        == "provider region comes from var.region, which a plan does not carry"
    )


def test_what_is_null_though_it_is_written_is_left_out_of_the_expressions(bodies: Bodies) -> None:
    """`types` of a module comes to a variable that nobody sets, `key` to a resource, `size` to a known value."""
    arguments = {name: {"references": [f"var.{name}"]} for name in ("types", "key", "size", "stamp")}
    nested = {"disk": [{"kind": {"references": ["var.types.kind", "var.types"]}, "key": {"references": ["var.key"]}}]}
    block = {"mode": "managed", "type": "aws_x", "name": "a", "expressions": {**arguments, **nested}}
    inner = {"resources": [block], "variables": {name: {} for name in arguments}}
    call = {"key": {"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}, "stamp": {}, "size": {"constant_value": 3}}
    outer = {"variables": {"unused": {}}, "module_calls": {"n": {"expressions": call, "module": inner}}}
    open_values = {"types": True, "key": True, "stamp": True, "disk": [{"kind": True, "key": True}]}
    found = bodies(
        plan(
            change(
                "module.n.aws_x.a",
                module_address="module.n",
                after={"size": 3, "disk": [{}]},
                after_unknown=open_values,
            ),
            configuration={"root_module": outer},
        )
    )["module.n.aws_x.a"]
    assert found["expressions"] == {
        "key": {"references": ["var.key"]},
        "size": {"references": ["var.size"]},
        "stamp": {"references": ["var.stamp"]},
        "disk": [{"key": {"references": ["var.key"]}}],
    }
    assert block["expressions"]["types"] == {"references": ["var.types"]}


def test_provider_settings(bodies: Bodies) -> None:
    resource = {"mode": "managed", "expressions": {}}
    configuration = {
        "root_module": {
            "resources": [
                {**resource, "type": "aws_x", "name": "a", "provider_config_key": "aws"},
                {**resource, "type": "aws_x", "name": "b", "provider_config_key": "aws.west"},
                {**resource, "type": "google_x", "name": "c", "provider_config_key": "google"},
            ]
        },
        "provider_config": {
            "aws": {
                "expressions": {
                    "region": {"references": ["local.region"]},
                    "default_tags": [{"tags": {"constant_value": {"team": "ml"}}}],
                }
            },
            "aws.west": {
                "expressions": {
                    "region": {"constant_value": "us-west-2"},
                    "default_tags": [{"tags": {}}],
                    "ignore_tags": [{"keys": {"constant_value": ["team"]}, "key_prefixes": {"references": ["var.p"]}}],
                }
            },
            "google": {
                "expressions": {
                    "project": {"references": ["var.project"]},
                    "region": {"references": ["var.absent"]},
                    "default_labels": {"references": ["var.labels"]},
                }
            },
        },
    }
    found = bodies(
        plan(
            change("aws_x.a"),
            change("aws_x.b"),
            change("google_x.c"),
            configuration=configuration,
            variables={"project": {"value": "p1"}, "labels": {"value": {"team": "x"}}},
        )
    )
    aws, west, google = (body["provider_config"] for body in found.values())
    assert aws["region"].reason == "provider region comes from local.region, which a plan does not carry"
    assert aws["default_tags"] == {"team": "ml"}
    assert west["region"] == "us-west-2"
    assert isinstance(west["default_tags"], Unknown)
    assert (west["ignored_tags"], isinstance(west["ignored_prefixes"], Unknown)) == (["team"], True)
    assert google["project"] == "p1"
    assert isinstance(google["region"], Unknown)
    assert google["default_tags"] == {"team": "x"}
    assert "location" not in google


ROOT = {"name": "aws", "full_name": AWS, "expressions": {"region": {"constant_value": "eu-west-1"}}}
WEST = {**ROOT, "alias": "west", "expressions": {"region": {"constant_value": "us-west-2"}}}


@pytest.mark.parametrize(
    ("path", "providers", "used_above", "region"),
    [
        ("ab", {"aws": ROOT}, "", "eu-west-1"),
        (
            "ab",
            {"aws": ROOT, "aws.west": WEST},
            "",
            "eu-west-1",
        ),  # nothing was passed to `a`, or it would have an entry
        ("ab", {"aws": ROOT}, "a", None),  # `a` has one, so that `b` holds an empty block, which inherits nothing
        ("a", {"aws": ROOT}, "", None),  # likewise
        ("ab", {}, "", None),
        ("abc", {"aws": ROOT}, "", "eu-west-1"),
        ("abc", {"aws": ROOT, "aws.west": WEST}, "", Unknown),  # `a` may have been passed another one
        ("abc", {"aws": ROOT, "module.a:aws": {**WEST, "alias": "", "module_address": "module.a"}}, "", "us-west-2"),
    ],
)
def test_a_provider_is_inherited_through_a_module_that_has_no_use_for_it(
    bodies: Bodies, path: str, providers: dict[str, Any], used_above: str, region: Any
) -> None:
    address = ".".join(f"module.{name}" for name in path)
    key = f"{address}:aws"
    module: dict[str, Any] = {}
    for name in reversed(path):
        inner = {"resources": [{"mode": "managed", "type": "aws_x", "name": "y", "provider_config_key": "aws"}]}
        used = inner if name == used_above else {}
        if name == path[-1]:
            inner["resources"][0]["provider_config_key"] = key
            used = inner
        module = {"module_calls": {name: {"module": {**used, **module}}}}
    provider = {"name": "aws", "full_name": AWS, "module_address": address}
    configuration = {"root_module": module, "provider_config": {**providers, key: provider}}
    changed = change(f"{address}.aws_x.y", module_address=address)
    found = bodies(plan(changed, configuration=configuration, complete=True))
    config = found[f"{address}.aws_x.y"]["provider_config"]
    told = config.get("region")
    assert "default_tags" not in config
    if region is Unknown:
        assert told.reason == "which configuration of aws reaches module.a.module.b.module.c, a plan does not carry"
    else:
        assert told == region


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.2", "1.99"])
def test_versions_whose_shape_is_known(write: Write, read: Read, version: str) -> None:
    write("plan.json", plan(change("aws_x.a"), format_version=version))
    assert read().addresses == ["aws_x.a"]


def test_the_plan_of_a_failed_run_is_read_and_said_to_be_incomplete(write: Write, read: Read) -> None:
    write("plan.json", plan(change("aws_x.a"), errored=True))
    loaded = read()
    assert loaded.addresses == ["aws_x.a"]
    ((_, message),) = loaded.problems
    assert "failed" in message


def test_half_a_resource_is_no_resource(write: Write, read: Read) -> None:
    write(
        "plan.json",
        plan({"address": "x"}, {"address": "a.b", "type": "a", "name": "b", "change": 1}, change("aws_x.a")),
    )
    assert read().addresses == ["aws_x.a"]


def test_a_real_plan(read: Read) -> None:
    plan_file = Path(__file__).parent / "infra" / "plan.json"
    loaded = read(str(plan_file))
    assert not loaded.problems
    bodies = {document.body["address"]: document.body for document in loaded.documents}
    assert list(bodies) == [
        "aws_instance.gpu[0]",
        "aws_instance.gpu[1]",
        "aws_security_group.web",
        'module.data["clean.v1"].aws_s3_bucket.this',
        'module.data["clean.v1"].aws_s3_bucket_versioning.this',
        'module.data["raw"].aws_s3_bucket.this',
        'module.data["raw"].aws_s3_bucket_versioning.this',
    ]
    gpu = bodies["aws_instance.gpu[0]"]
    assert gpu["provider_config"] == {"region": "eu-central-1", "default_tags": {"team": "ml"}}
    assert isinstance(gpu["values"]["vpc_security_group_ids"], Unknown)
    bucket = bodies['module.data["raw"].aws_s3_bucket.this']
    assert bucket["expressions"] == {"bucket": {"references": ["var.name"]}}


def test_what_a_partial_plan_leaves_out_is_there_as_not_in_view(write: Write, read: Read) -> None:
    """Once for each instance of its module that is in the plan."""
    resource = {
        "mode": "managed",
        "type": "a_b",
        "name": "c",
        "expressions": {"x": {"references": ["a_b.d.id", "a_b.d"]}},
    }
    shown = {"mode": "managed", "type": "a_b", "name": "d", "expressions": {}}
    inner = {"resources": [resource, shown]}
    changes = [
        {
            "address": f'module.m["{key}"].a_b.d',
            "module_address": f'module.m["{key}"]',
            "type": "a_b",
            "name": "d",
            "change": {"actions": ["create"], "before": None, "after": {}},
        }
        for key in ("p.q", "r")
    ]
    plan = {
        "format_version": "1.2",
        "complete": False,
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": [resource], "module_calls": {"m": {"module": inner}}}},
    }
    write("plan.json", json.dumps(plan))
    loaded = read()
    absent = [document.origin.address for document in loaded.documents if document.body["mode"] == "absent"]
    assert absent == ["a_b.c", 'module.m["p.q"].a_b.c', 'module.m["r"].a_b.c']
    assert loaded.documents[-1].body["expressions"] == resource["expressions"]
    assert [problem.incomplete for problem in loaded.ledger.problems] == [False]
    write("plan.json", json.dumps({**plan, "complete": True}))
    assert len(read().documents) == 2


@pytest.mark.parametrize(
    ("actions", "repeated", "call", "absent"),
    [
        (["create"], {}, {}, ["module.m.a_b.c"]),
        (["no-op"], {}, {}, ["module.m.a_b.c"]),
        (["delete"], {}, {}, []),  # of a plan that destroys all, which is made for what stands
        (["create"], {"count_expression": {"constant_value": 0}}, {}, []),
        (["create"], {}, {"for_each_expression": {"references": ["var.x"]}}, []),
    ],
)
def test_a_part_is_told_by_what_is_missing_where_a_plan_does_not_say_that_it_is_one(  # noqa: PLR0913, PLR0917  # a table
    write: Write, read: Read, actions: list[str], repeated: dict[str, Any], call: dict[str, Any], absent: list[str]
) -> None:
    """OpenTofu's never do, nor do those of Terraform before 1.8."""
    resource = {"mode": "managed", "type": "a_b", "expressions": {}}
    inner = {"resources": [{**resource, "name": "c", **repeated}]}
    root = {"resources": [{**resource, "name": "d"}], "module_calls": {"m": {"module": inner, **call}}}
    write("plan.json", plan(change("a_b.d", actions=tuple(actions)), configuration={"root_module": root}))
    loaded = read()
    assert [one.origin.address for one in loaded.documents if one.body["mode"] == "absent"] == absent
    assert [problem.incomplete for problem in loaded.ledger.problems] == [False] * len(absent)


def test_a_template_of_a_configuration_in_json_is_no_constant(write: Write, read: Read) -> None:
    """Terraform shows both its text and what it refers to."""
    template = {"constant_value": "${a_b.d.arn}", "references": ["a_b.d.arn", "a_b.d"]}
    region = {"constant_value": '${lower("EU")}'}
    resource = {
        "mode": "managed",
        "type": "a_b",
        "name": "c",
        "provider_config_key": "a",
        "expressions": {"x": template, "y": {"constant_value": "plain"}, "z": [{"w": {"constant_value": "$${x}"}}]},
    }
    change = {"address": "a_b.c", "type": "a_b", "name": "c", "change": {"actions": ["create"], "after": {"x": "k"}}}
    configuration = {
        "provider_config": {"a": {"name": "a", "expressions": {"region": region}}},
        "root_module": {"resources": [resource]},
    }
    write(
        "plan.json",
        json.dumps({"format_version": "1.2", "resource_changes": [change], "configuration": configuration}),
    )
    body = read().documents[0].body
    assert body["expressions"] == {
        "x": {"references": ["a_b.d.arn", "a_b.d"]},
        "y": {"constant_value": "plain"},
        "z": [{"w": {}}],
    }
    assert isinstance(body["provider_config"]["region"], Unknown)


@pytest.mark.parametrize(
    ("value", "region"), [("eu-west-1", "eu-west-1"), ("europe-west4", "europe-west4"), ("east", None)]
)
def test_a_region_is_that_of_a_variable_only_if_it_can_be_one(
    write: Write, read: Read, value: str, region: str | None
) -> None:
    """A plan says `var.side` of `"us-${var.side}-1"` as well."""
    resource = {"mode": "managed", "type": "a_b", "name": "c", "provider_config_key": "a"}
    change = {"address": "a_b.c", "type": "a_b", "name": "c", "change": {"actions": ["create"], "after": {"x": "k"}}}
    configuration = {
        "provider_config": {"a": {"name": "a", "expressions": {"region": {"references": ["var.side"]}}}},
        "root_module": {"resources": [resource]},
    }
    plan = {"resource_changes": [change], "configuration": configuration, "variables": {"side": {"value": value}}}
    write("plan.json", json.dumps({"format_version": "1.2", **plan}))
    told = read().documents[0].body["provider_config"]["region"]
    assert (None if isinstance(told, Unknown) else told) == region


def test_a_write_only_argument_is_told_by_the_configuration(bodies: Bodies) -> None:
    """Terraform leaves it out of the values, whatever it is."""
    written = {"password_wo": {"constant_value": "hunter2"}, "other_wo": {"references": ["var.password"]}}
    block = {"mode": "managed", "type": "aws_db_instance", "name": "a", "expressions": written}
    after = {"identifier": "a", "password_wo": None, "other_wo": None}
    text = plan(
        change("aws_db_instance.a", after=after),
        configuration={"root_module": {"resources": [{"address": "aws_db_instance.a", **block}]}},
    )
    values = bodies(text)["aws_db_instance.a"]["values"]
    assert values == {"identifier": "a", "password_wo": "hunter2", "other_wo": None}


@pytest.mark.parametrize("text", ["#!/bin/sh\nexport DB_PASSWORD=hunter2\n", "ZWNobyBoaQ=="])
def test_user_data_that_is_kept_as_a_digest_is_told_by_the_configuration(bodies: Bodies, text: str) -> None:
    """Up to version 5 the AWS provider shows a digest, of what Base64 stands for if it is some."""
    known = base64.b64decode(text) if text.endswith("=") else text.encode()
    digest = hashlib.sha1(known, usedforsecurity=False).hexdigest()
    block = {
        "mode": "managed",
        "type": "aws_instance",
        "name": "a",
        "expressions": {"user_data": {"constant_value": text}},
    }
    configuration = {"root_module": {"resources": [{"address": "aws_instance.a", **block}]}}
    shown = bodies(plan(change("aws_instance.a", after={"user_data": digest}), configuration=configuration))
    assert shown["aws_instance.a"]["values"] == {"user_data": text}
    other = bodies(plan(change("aws_instance.a", after={"user_data": "0" * 40}), configuration=configuration))
    assert other["aws_instance.a"]["values"] == {"user_data": "0" * 40}


def test_what_a_refresh_found_stays(bodies: Bodies) -> None:
    """A plan of `-refresh-only` plans nothing. What nobody plans any more because it goes is no reason to believe that."""
    entry = {"address": "aws_x.y", "mode": "managed", "type": "aws_x", "name": "y", "values": {"a": 1}}
    prior = {"values": {"root_module": {"resources": [entry]}}}
    refreshed = plan(planned_values={"root_module": {}}, resource_drift=[], prior_state=prior)
    assert bodies(refreshed)["aws_x.y"]["values"] == {"a": 1}
    gone = change("aws_x.z", actions=("delete",), before={"a": 1}, after=None)
    assert set(bodies(plan(gone, planned_values={"root_module": {}}, prior_state=prior))) == {"aws_x.z"}
