"""Satellites are joined to their bucket by how the configuration refers to it, where no id is known yet."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from scanner import normalize
from scanner.model import Document, Ledger, Partition, Resource, Unknown

Read = Callable[..., dict[str, Resource]]
Block = Callable[..., Document]

LATER = Unknown("known after apply")


def buckets(block: Block, *addresses: str, **rest: Any) -> list[Document]:
    return [block(address, {"bucket": LATER}, **rest) for address in addresses]


def versioning(block: Block, address: str, *references: str, status: Any = "Enabled", **rest: Any) -> Document:
    values = {"bucket": LATER, "versioning_configuration": [{"status": status}]}
    return block(address, values, references={"bucket": references}, **rest)


def versioned(found: Mapping[str, Resource], address: str) -> Any:
    """None for what is not known."""
    value = found[address].attributes["versioned"]
    return None if isinstance(value, Unknown) else value


RAW, LOGS = 'aws_s3_bucket.this["raw"]', 'aws_s3_bucket.this["raw-logs"]'
SATELLITE = "aws_s3_bucket_versioning.this"


def test_a_text_made_from_the_key_is_not_taken_for_the_key(read: Read, block: Block) -> None:
    """`this["${each.key}-logs"]` and `this[each.key]` look alike in a plan."""
    satellite = versioning(block, f'{SATELLITE}["raw"]', "aws_s3_bucket.this", "each.key")
    found = read(*buckets(block, RAW, LOGS), satellite)
    assert [versioned(found, RAW), versioned(found, LOGS)] == [None, None]
    reason = found[RAW].attributes["versioned"].reason
    assert "the index into aws_s3_bucket.this is computed" in reason


def test_where_both_blocks_have_the_same_keys_it_is_the_key(read: Read, block: Block) -> None:
    satellites = [
        versioning(block, f'{SATELLITE}["{key}"]', "aws_s3_bucket.this", "each.key", status=status)
        for key, status in (("raw", "Enabled"), ("raw-logs", "Suspended"))
    ]
    found = read(*buckets(block, RAW, LOGS), *satellites)
    assert [versioned(found, RAW), versioned(found, LOGS)] == [True, False]


@pytest.mark.parametrize(("second", "expected"), [("Enabled", True), ("Suspended", None)])
def test_numbers_may_be_calculated_with_unless_that_makes_no_difference(
    read: Read, block: Block, second: str, expected: Any
) -> None:
    """`this[1 - count.index]` and `this[count.index]` look alike in a plan."""
    satellites = [
        versioning(block, f"{SATELLITE}[{index}]", "aws_s3_bucket.this", "count.index", status=status)
        for index, status in enumerate(("Enabled", second))
    ]
    found = read(*buckets(block, "aws_s3_bucket.this[0]", "aws_s3_bucket.this[1]"), *satellites)
    assert [versioned(found, f"aws_s3_bucket.this[{index}]") for index in (0, 1)] == [expected, expected]


def test_what_the_source_says_is_believed(read: Read, block: Block) -> None:
    written = {"bucket": {"references": ["aws_s3_bucket.this[count.index].id"]}}
    satellites = [
        versioning(block, f"{SATELLITE}[{index}]", status=status, expressions=written)
        for index, status in enumerate(("Enabled", "Suspended"))
    ]
    found = read(*buckets(block, "aws_s3_bucket.this[0]", "aws_s3_bucket.this[1]"), *satellites)
    assert [versioned(found, f"aws_s3_bucket.this[{index}]") for index in (0, 1)] == [True, False]


def test_the_only_instance_of_a_block_is_meant_by_the_whole(read: Read, block: Block) -> None:
    satellite = versioning(block, SATELLITE, "aws_s3_bucket.this")
    assert versioned(read(*buckets(block, "aws_s3_bucket.this[0]"), satellite), "aws_s3_bucket.this[0]") is True


def test_one_of_several_instances_makes_each_unknown(read: Read, block: Block) -> None:
    satellite = versioning(block, SATELLITE, "aws_s3_bucket.this")
    found = read(*buckets(block, RAW, LOGS, "aws_s3_bucket.other"), satellite)
    assert [versioned(found, one) for one in (RAW, LOGS, "aws_s3_bucket.other")] == [None, None, False]


def test_each_value_of_a_resource_is_the_instance_of_that_key(read: Read, block: Block) -> None:
    over = {"for_each": {"references": ["aws_s3_bucket.this"]}}
    satellites = [
        versioning(block, f'{SATELLITE}["{key}"]', "each.value.id", "each.value", repeated=over, status=status)
        for key, status in (("raw", "Enabled"), ("raw-logs", "Suspended"))
    ]
    found = read(*buckets(block, RAW, LOGS), *satellites)
    assert [versioned(found, RAW), versioned(found, LOGS)] == [True, False]


def test_each_value_of_a_map_of_references(read: Read, block: Block) -> None:
    entries = {"in": {"references": ['aws_s3_bucket.this["raw"].id']}}
    modules = {(): {"arguments": {}, "repeated": {}, "outputs": {}, "locals": {"map": {"in": {"id": entries["in"]}}}}}
    over = {"for_each": {"references": ["local.map"]}}
    satellite = versioning(block, f'{SATELLITE}["in"]', "each.value.id", "each.value", repeated=over, modules=modules)
    found = read(*buckets(block, RAW, LOGS, modules=modules), satellite)
    assert [versioned(found, RAW), versioned(found, LOGS)] == [True, False]


def test_an_argument_of_another_resource_is_followed(read: Read, block: Block) -> None:
    acl = block(
        "aws_s3_bucket_acl.this",
        {"bucket": LATER},
        references={"bucket": ['aws_s3_bucket.this["raw"].id', 'aws_s3_bucket.this["raw"]', "aws_s3_bucket.this"]},
    )
    satellite = versioning(block, SATELLITE, "aws_s3_bucket_acl.this.bucket", "aws_s3_bucket_acl.this")
    found = read(*buckets(block, RAW, LOGS), acl, satellite)
    assert [versioned(found, RAW), versioned(found, LOGS)] == [True, False]


def module(*, arguments: Any = None, outputs: Any = None, repeated: Any = None) -> Mapping[str, Any]:
    return {"arguments": arguments or {}, "repeated": repeated or {}, "outputs": outputs or {}, "locals": {}}


def test_outputs_and_arguments_of_nested_modules(read: Read, block: Block) -> None:
    """The root gives `module.lake["a"].id`, which is an output of a module inside, to a module that is repeated too."""
    out = {"id": {"references": ["module.inner.id", "module.inner"]}}
    inner = {"id": {"references": ["aws_s3_bucket.this[0].id", "aws_s3_bucket.this[0]", "aws_s3_bucket.this"]}}
    given = {"bucket": {"references": ["each.value.id", "each.value"]}}
    modules = {
        (): module(),
        ("lake",): module(outputs=out),
        ("lake", "inner"): module(outputs=inner),
        ("guard",): module(arguments=given, repeated={"for_each": {"references": ["module.lake"]}}),
    }
    addresses = [f'module.lake["{key}"].module.inner.aws_s3_bucket.this[0]' for key in ("a", "b")]
    satellites = [
        versioning(block, f'module.guard["{key}"].{SATELLITE}', "var.bucket", status=status, modules=modules)
        for key, status in (("a", "Enabled"), ("b", "Suspended"))
    ]
    found = read(*buckets(block, *addresses, modules=modules), *satellites)
    assert [versioned(found, one) for one in addresses] == [True, False]


@pytest.mark.parametrize("passed", [['module.keys.arns["data"]', "module.keys.arns", "module.keys"], ["local.none"]])
def test_a_key_that_comes_through_modules_is_the_customers(read: Read, block: Block, passed: list[str]) -> None:
    modules = {
        (): module(),
        ("keys",): module(outputs={"arns": {"references": ["aws_kms_key.this"]}}),
        ("lake",): module(arguments={"key": {"references": passed}}),
    }
    keys = [block(f'module.keys.aws_kms_key.this["{key}"]', {}, modules=modules) for key in ("data", "other")]
    rule = [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": LATER}]}]
    by_default = {"sse_algorithm": {"constant_value": "aws:kms"}, "kms_master_key_id": {"references": ["var.key"]}}
    written = {
        "bucket": {"references": ["aws_s3_bucket.this.id", "aws_s3_bucket.this"]},
        "rule": [{"apply_server_side_encryption_by_default": [by_default]}],
    }
    satellite = block(
        "module.lake.aws_s3_bucket_server_side_encryption_configuration.this",
        {"bucket": LATER, "rule": rule},
        expressions=written,
        modules=modules,
    )
    address = "module.lake.aws_s3_bucket.this"
    encryption = read(*buckets(block, address, modules=modules), satellite, *keys)[address].attributes["encryption"]
    assert encryption == "customer" if passed[0].startswith("module") else isinstance(encryption, Unknown)


def test_a_configuration_that_goes_in_a_circle_is_not_followed_forever(read: Read, block: Block) -> None:
    modules = {
        (): module(),
        ("a",): module(arguments={"x": {"references": ["module.b.x"]}}, outputs={"x": {"references": ["var.x"]}}),
        ("b",): module(arguments={"x": {"references": ["module.a.x"]}}, outputs={"x": {"references": ["var.x"]}}),
    }
    inside = [block(f"module.{name}.null_resource.x", {}, modules=modules) for name in ("a", "b")]
    satellite = versioning(block, SATELLITE, "module.a.x", "module.a", modules=modules)
    found = read(*buckets(block, "aws_s3_bucket.this", modules=modules), satellite, *inside)
    assert versioned(found, "aws_s3_bucket.this") is None


def test_a_configuration_that_doubles_at_every_step_is_not_followed_forever(read: Read, block: Block) -> None:
    names = [f"m{number}" for number in range(60)]
    outputs = {name: {key: {"references": [f"var.{key}", "var.a", "var.b"]} for key in ("a", "b")} for name in names}
    given = {
        after: {key: {"references": [f"module.{name}.a.{key}", f"module.{name}.b.{key}"]} for key in ("a", "b")}
        for name, after in pairwise(names)
    }
    modules = {(): module()} | {(name,): module(arguments=given.get(name), outputs=outputs[name]) for name in names}
    inside = [block(f"module.{name}.null_resource.x", {}, modules=modules) for name in names]
    satellite = versioning(block, SATELLITE, "module.m59.a", "module.m59", modules=modules)
    found = read(*buckets(block, "aws_s3_bucket.this", modules=modules), satellite, *inside)
    assert versioned(found, "aws_s3_bucket.this") is None


@pytest.mark.parametrize("is_set", [True, False])
def test_in_a_set_the_value_is_the_key(read: Read, block: Block, *, is_set: bool) -> None:
    repeated = {"for_each": {"references": [], "is_set": is_set}}
    names = ["aws_s3_bucket.this[each.value].id", "aws_s3_bucket.this[each.value]", "aws_s3_bucket.this", "each.value"]
    satellites = [
        versioning(block, f'{SATELLITE}["{key}"]', *names, status=status, repeated=repeated)
        for key, status in (("raw", "Enabled"), ("clean", "Suspended"))
    ]
    found = read(*buckets(block, 'aws_s3_bucket.this["raw"]', 'aws_s3_bucket.this["clean"]'), *satellites)
    assert versioned(found, 'aws_s3_bucket.this["raw"]') is (True if is_set else None)
    assert versioned(found, 'aws_s3_bucket.this["clean"]') is (False if is_set else None)


def test_what_a_partial_plan_leaves_out_is_followed_through_a_module_that_it_leaves_out_too(block: Block) -> None:
    modules = {
        (): {"arguments": {}, "repeated": {}, "outputs": {}, "locals": {}},
        ("m",): {
            "arguments": {"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}},
            "repeated": {},
            "outputs": {"bucket": {"references": ["var.bucket"]}},
            "locals": {},
        },
    }
    bucket = block("aws_s3_bucket.b", {"bucket": "b"}, modules=modules)
    encryption = block(
        "aws_s3_bucket_server_side_encryption_configuration.e",
        {},
        references={"bucket": ["module.m.bucket", "module.m"]},
        modules=modules,
    )
    inside = block("module.m.aws_s3_bucket_versioning.v", {}, modules=modules)
    left_out = [replace(one, body={**one.body, "mode": "absent", "why": "is left out"}) for one in (encryption, inside)]
    (found,) = normalize.inventory(Partition("plan", [bucket, *left_out]), Ledger())
    assert isinstance(found.attributes["encryption"], Unknown)
