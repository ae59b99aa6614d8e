"""A plan and its configuration joined: what belongs together is one thing before anything has an id."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import load, normalize
from scanner._trial_plan import expand
from scanner.model import Ledger, Unknown
from tests.shipped import addresses, judged

ROOT = Path(__file__).resolve().parent.parent
FIXTURE = ROOT / "fixtures" / "terraform" / "feature-lake-aws"
LANGUAGE, VISION = (f'module.models["{name}"].module.bucket.aws_s3_bucket.this[0]' for name in ("language", "vision"))
SCRATCH = "module.scratch.module.bucket.aws_s3_bucket.this[0]"

EXPECTED: Mapping[str, Mapping[str, Any]] = {
    'aws_s3_bucket.zone["raw"]': {
        "public": False,
        "encryption": "customer",
        "versioned": True,
        "tls_required": True,
        "replica_regions": [],
    },
    'aws_s3_bucket.zone["shared"]': {
        "public": True,
        "encryption": "customer",
        "versioned": False,
        "tls_required": False,
    },
    "aws_s3_bucket.archive[0]": {"public": None, "encryption": "customer", "versioned": True},
    "aws_s3_bucket.archive[1]": {"public": None, "encryption": "provider", "versioned": False},
    "aws_s3_bucket.audit[0]": {
        "public": False,
        "encryption": "provider",
        "versioned": True,
        "tls_required": True,
        "replica_regions": ["eu-west-1"],
    },
    "aws_s3_bucket.audit_copy": {"public": False, "encryption": "provider", "versioned": False},
    LANGUAGE: {"public": True, "encryption": "customer", "versioned": False, "tls_required": False},
    VISION: {"public": False, "encryption": "customer", "versioned": True, "tls_required": False},
    SCRATCH: {"public": False, "encryption": "provider", "versioned": False, "tls_required": True},
}
"""Bucket to attributes; None for what cannot be known."""

OPEN_IN_A_PLAN = {
    ("aws_s3_bucket.archive[0]", "versioned"),
    ("aws_s3_bucket.archive[1]", "versioned"),
    ("aws_s3_bucket.archive[1]", "encryption"),
    ("aws_s3_bucket.audit_copy", "public"),
}
"""What numbers that may be computed, `element()` and locals leave open where there is no source; see the policies too."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURE, tmp_path / "lake")
    return tmp_path / "lake"


def buckets(base: Path, *targets: Path) -> dict[tuple[str, str], Any]:
    """Address and attribute to its value; None for what is not known."""
    ledger = Ledger()
    found: dict[tuple[str, str], Any] = {}
    for partition in load.partitions([str(target) for target in targets], load.Options(base), ledger):
        for resource in normalize.inventory(partition, ledger):
            for name, value in resource.attributes.items():
                found[resource.origin.address, name] = None if isinstance(value, Unknown) else value
    assert ledger.problems == []
    return found


def expected() -> dict[tuple[str, str], Any]:
    return {(address, name): value for address, known in EXPECTED.items() for name, value in known.items()}


def test_a_plan_with_its_source(folder: Path) -> None:
    found = buckets(folder, folder / "plan.json")
    assert {key: found[key] for key in expected()} == expected()


def test_the_source_alone(folder: Path) -> None:
    (folder / "plan.json").unlink()
    found = buckets(folder, folder)
    assert {key: found[key] for key in expected()} == expected()


def test_a_plan_alone_leaves_open_what_it_does_not_tell_and_contradicts_nothing(tmp_path: Path) -> None:
    shutil.copy(FIXTURE / "plan.json", tmp_path)
    found = buckets(tmp_path, tmp_path / "plan.json")
    told = {key: value for key, value in found.items() if value is not None and key in expected()}
    assert told == {key: value for key, value in expected().items() if key in told}
    lost = {key for key, value in expected().items() if value is not None and found[key] is None}
    assert {key for key in lost if key[1] != "tls_required"} == OPEN_IN_A_PLAN


def test_a_source_that_refers_to_something_else_is_not_believed(folder: Path) -> None:
    """Somebody planned, then edited: the plan's own words hold."""
    text = (folder / "zones.tf").read_text().replace("aws_s3_bucket.zone[each.key]", "aws_s3_bucket.audit_copy")
    (folder / "zones.tf").write_text(text)
    found = buckets(folder, folder / "plan.json")
    assert found['aws_s3_bucket.zone["raw"]', "versioned"] is True
    assert found["aws_s3_bucket.audit_copy", "versioned"] is False


@pytest.mark.parametrize("text", ["", "resource {", "locals { refusing = local.refusing }", "\0"])
def test_a_source_that_cannot_be_read_takes_nothing_from_the_plan(folder: Path, text: str) -> None:
    for path in folder.rglob("*.tf"):
        path.write_text(text)
    found = buckets(folder, folder / "plan.json")
    assert found['aws_s3_bucket.zone["raw"]', "versioned"] is True
    assert found[SCRATCH, "tls_required"] is True


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_source_of_any_shape_ends_nothing(folder: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["zones.tf", "models.tf", "modules/keys/main.tf"]))
    text = (FIXTURE / name).read_text()
    cut = data.draw(st.integers(0, len(text)))
    junk = data.draw(
        st.sampled_from(["", "{", "}", '"', "${", "= ", "[each.key", "for k, v in", "dynamic", "output {}\n"])
    )
    (folder / name).write_text(text[:cut] + junk + text[cut + data.draw(st.integers(0, 40)) :])
    found = buckets(folder, folder / "plan.json")
    told = {key: found[key] for key, value in expected().items() if value is not None and found[key] is not None}
    assert told == {key: value for key, value in expected().items() if key in told}
    (folder / name).write_text(text)


def test_a_key_that_is_given_to_a_module_in_a_map(corpora: Path, tmp_path: Path) -> None:
    """The module makes the block by `dynamic`, of which a plan shows nothing, and its HCL is of a newer release."""
    module = tmp_path / "terraform-aws-s3-bucket"
    shutil.copytree(corpora / "hcl" / module.name, module)
    plan = module / "examples" / "complete" / "plan.json"
    plan.parent.chmod(0o755)
    shutil.copyfile(corpora / "plans" / "tam_s3_complete.json", plan)
    key = ("module.s3_bucket.aws_s3_bucket.this[0]", "encryption")
    assert buckets(tmp_path, plan)[key] == "customer"
    shutil.copyfile(plan, tmp_path / "plan.json")
    assert buckets(tmp_path, tmp_path / "plan.json")[key] is None


SETS = """\
resource "aws_s3_bucket" "b" {
  for_each = toset(["x", "y"])
}
resource "aws_s3_bucket_versioning" "v" {
  for_each = OVER
  bucket   = aws_s3_bucket.b[each.value].id
  versioning_configuration {
    status = each.key == "x" ? "Enabled" : "Suspended"
  }
}
"""


@pytest.mark.parametrize(
    ("over", "versioned"),
    [('toset(["x", "y"])', [True, False]), ('{ x = "y", y = "x" }', [None, None]), ("local.keys", [None, None])],
)
def test_the_value_of_a_set_is_its_key(tmp_path: Path, over: str, versioned: list[bool | None]) -> None:
    """A plan tells neither what a block is repeated over if it is constant, nor how its index is made."""
    (tmp_path / "main.tf").write_text(SETS.replace("OVER", over))
    blocks = {
        "aws_s3_bucket.b": {"bucket": {}},
        "aws_s3_bucket_versioning.v": {"bucket": {"references": ["aws_s3_bucket.b", "each.value"]}},
    }
    parts = {address: dict(zip(("type", "name"), address.split("."), strict=True)) for address in blocks}
    configured = [{**parts[one], "mode": "managed", "expressions": written} for one, written in blocks.items()]
    changes = []
    for address in blocks:
        for key, status in (("x", "Enabled"), ("y", "Suspended")):
            after = {"versioning_configuration": [{"status": status}]} if "versioning" in address else {}
            change = {
                "actions": ["create"],
                "before": None,
                "after": after,
                "after_unknown": {"bucket": True, "id": True},
            }
            changes.append({"address": f'{address}["{key}"]', "index": key, **parts[address], "change": change})
    configuration = {"root_module": {"resources": configured}}
    plan = {"format_version": "1.2", "resource_changes": changes, "configuration": configuration}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    found = buckets(tmp_path, tmp_path / "plan.json")
    assert [found[f'aws_s3_bucket.b["{key}"]', "versioned"] for key in "xy"] == versioned


SETTINGS = """
variable "token" { sensitive = true }
resource "azurerm_linux_web_app" "written" {
  name         = "written"
  app_settings = { API_TOKEN = "hunter2-of-old", ID = var.token }
}
resource "azurerm_linux_web_app" "supplied" {
  name         = "supplied"
  app_settings = { API_TOKEN = var.token, ID = "app" }
}
"""


def settings_of_apps() -> dict[str, Any]:
    """A plan of these two, which are there already, so that nothing in it is unknown."""
    values = {
        "written": {"API_TOKEN": "hunter2-of-old", "ID": "s3cr3t-of-somebody"},
        "supplied": {"API_TOKEN": "s3cr3t-of-somebody", "ID": "app"},
    }
    case = [
        {
            "address": f"azurerm_linux_web_app.{name}",
            "actions": ["no-op"],
            "values": {"name": name, "app_settings": app},
            "before": {"name": name, "app_settings": app},
            "references": {"app_settings": ["var.token"]},
        }
        for name, app in values.items()
    ]
    return expand({"resources": case, "variables": {"token": {"sensitive": True}}})


@pytest.mark.parametrize(("beside", "verdicts"), [(True, ("fail", "pass")), (False, ("unknown", "unknown"))])
def test_the_source_tells_which_entry_of_a_map_a_variable_supplies(
    tmp_path: Path, beside: bool, verdicts: tuple[str, str]
) -> None:
    if beside:
        (tmp_path / "main.tf").write_text(SETTINGS)
    policy = ROOT / "policies" / "secrets" / "inline-secret.yaml"
    found = addresses(judged(policy, tmp_path / "plan.json", json.dumps(settings_of_apps())))
    assert (found["azurerm_linux_web_app.written"], found["azurerm_linux_web_app.supplied"]) == verdicts
