import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import load
from scanner.model import Citation
from scanner.model import Path as BodyPath

Write = Callable[[str, str | bytes], Path]
Read = Callable[..., Any]
INFRA = Path(__file__).parent / "infra"


@pytest.fixture
def marked(base: Path, read: Read) -> Callable[..., str]:
    """What the text says at the place found for a path of the document with this address, as `uri:line text`."""

    def marked(address: str, *path: str | int) -> str:
        document = next(found for found in read().documents if found.origin.address == address)
        (located,) = load.locate([Citation(document.origin, path)], load.Options(base))
        place = located.origin
        line = (base / place.uri).read_bytes().decode().split("\n")[place.line - 1]
        assert place.end_line == place.line
        if located.frame:
            assert located.frame.lines[place.line - located.frame.first_line] == line.rstrip("\r")
            assert place.line - located.frame.first_line <= 3
        return f"{place.uri}:{place.line} {line[place.column - 1 : place.end_column - 1]}"

    return marked


Marked = Callable[..., str]

POD = """\
# a comment with é
apiVersion: v1
kind: Pod
metadata: {name: "pöd", labels: {a: b}}
spec:
  containers:
    - name: one   # first
      image: x
    - env:
        - {name: A, value: "1"}
      args: [a, "b"]
      script: |
        two
        lines
  base: &base {k: v}
  merged:
    <<: *base
  alias: *base
  tag: !x
    y: 1
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), "2 apiVersion: v1"),
        (("kind",), "3 kind: Pod"),
        (("metadata", "name"), '4 name: "pöd"'),
        (("metadata", "labels", "missing"), "4 labels: {a: b}"),
        (("spec",), "5 spec"),
        (("spec", "replicas"), "5 spec"),
        (("spec", "containers"), "6 containers"),
        (("spec", "containers", 0), "7 name: one   # first"),
        (("spec", "containers", 0, "image"), "8 image: x"),
        (("spec", "containers", 0, "resources", "limits"), "7 name: one   # first"),
        (("spec", "containers", 1), "9 env:"),
        (("spec", "containers", 1, "env", 0, "value"), '10 value: "1"'),
        (("spec", "containers", 1, "args", 1), '11 "b"'),
        (("spec", "containers", 1, "script"), "12 script"),
        (("spec", "containers", 9), "6 containers"),
        (("spec", "merged", "k"), "15 k: v"),
        (("spec", "alias"), "18 alias"),
        (("spec", "alias", "k"), "15 k: v"),
        (("spec", "tag", "!x", "y"), "20 y: 1"),
        (("nowhere", "at", "all"), "2 apiVersion: v1"),
        (("metadata", 0), '4 metadata: {name: "pöd", labels: {a: b}}'),
    ],
)
@pytest.mark.parametrize("before", ["", "---\r\n", "%YAML 1.1\n---\n", "kind: other\n---\n# c\n---\n"])
def test_yaml(write: Write, marked: Marked, path: BodyPath, expected: str, before: str) -> None:
    end = "\r\n" if "\r" in before else "\n"
    write("x.yaml", before + (POD + "---\n" + POD.replace("pöd", "other")).replace("\n", end))
    line, _, text = expected.partition(" ")
    assert marked("Pod/pöd", *path) == f"x.yaml:{int(line) + before.count(chr(10))} {text}"


def test_yaml_lists_of_objects(write: Write, marked: Marked) -> None:
    write("x.yaml", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n")
    assert marked("Pod/a") == "x.yaml:4 apiVersion: v1"
    assert marked("Pod/a", "metadata", "name") == "x.yaml:6 name: a"


def test_only_a_line_feed_ends_a_line(write: Write, marked: Marked) -> None:
    write("x.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: 'a\u2028b'\ny: \"\u0085\"\nz: 1\n")
    assert marked("Pod/a", "z") == "x.yaml:6 z: 1"


def test_json(write: Write, marked: Marked) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": 'é"}'},
        "x": [{"a": {}}, {"b": [1, "two"]}],
        "n": 1e5,
    }
    write("x.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": [pod]}, indent=2, ensure_ascii=False))
    name = 'Pod/é"}'
    assert marked(name) == "x.json:5 {"
    assert marked(name, "metadata", "name") == 'x.json:9 "name": "é\\"}"'
    assert marked(name, "x", 1, "b", 1) == 'x.json:18 "two"'
    assert marked(name, "x", 0, "missing") == "x.json:12 {"
    assert marked(name, "x", 1, "b") == 'x.json:16 "b"'
    assert marked(name, "n") == 'x.json:22 "n": 100000.0'


def test_json_on_one_line_has_a_column_and_no_frame_where_none_can_be_read(
    write: Write, read: Read, base: Path
) -> None:
    write("x.json", json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "x" * 1000, "b": "y"}}))
    (document,) = read().documents
    citations = [Citation(document.origin, path) for path in ((), ("kind",), ("data", "b"))]
    whole, kind, value = load.locate(citations, load.Options(base))
    assert (whole.origin.line, whole.origin.column) == (1, 1)
    assert (kind.origin.column, kind.origin.end_column) == (22, 42 - 1)
    assert kind.frame is not None
    assert len(kind.frame.lines[0]) > 1000
    assert (value.origin.line, value.origin.end_column - value.origin.column) == (1, len('"b": "y"'))
    assert value.frame is None


ASSET = {
    "name": "//storage.googleapis.com/b",
    "assetType": "storage.googleapis.com/Bucket",
    "resource": {"data": {"x": 1}},
}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (json.dumps([ASSET], indent=1), 7),
        (json.dumps(ASSET, indent=1), 6),
        ("\n" + json.dumps(ASSET) + "\n", 2),
    ],
)
def test_assets(write: Write, marked: Marked, text: str, line: int) -> None:
    write("a.json", text)
    assert marked(ASSET["name"], "resource", "data", "x") == f'a.json:{line} "x": 1'


@pytest.fixture
def infra(base: Path) -> Path:
    shutil.copytree(INFRA, base / "infra")
    return base / "infra"


@pytest.mark.parametrize(
    ("address", "path", "expected"),
    [
        ("aws_instance.gpu[1]", (), 'main.tf:50 resource "aws_instance" "gpu"'),
        ("aws_instance.gpu[1]", ("instance_type",), 'main.tf:53 instance_type = "p4d.24xlarge"'),
        ("aws_instance.gpu[1]", ("monitoring",), 'main.tf:50 resource "aws_instance" "gpu"'),
        ("aws_instance.gpu[0]", ("root_block_device", 0, "encrypted"), "main.tf:55 encrypted = false"),
        ("aws_instance.gpu[0]", ("root_block_device", 0, "kms_key_id"), "main.tf:54 root_block_device"),
        ("aws_security_group.web", ("ingress", 0, "cidr_blocks", 1), 'main.tf:32 "0.0.0.0/0"'),
        ("aws_security_group.web", ("egress", 1, "cidr_blocks", 0), 'main.tf:41 "0.0.0.0/0"'),
        ("aws_security_group.web", ("egress", 0, "description"), 'main.tf:35 dynamic "egress"'),
        ("aws_security_group.web", ("tags",), 'main.tf:45 tags = merge({ owner = "a" }, {'),
        ("aws_security_group.web", ("tags_all", "cost-center"), 'main.tf:46 "cost-center" = "42"'),
        ("aws_security_group.web", ("tags", "owner"), 'main.tf:45 owner = "a"'),
        ("aws_security_group.web", ("tags", "team"), 'main.tf:45 tags = merge({ owner = "a" }, {'),
        ('module.data["clean.v1"].aws_s3_bucket.this', ("bucket",), "modules/bucket/main.tf:5 bucket = var.name"),
        (
            'module.data["raw"].aws_s3_bucket_versioning.this',
            ("versioning_configuration", 0, "status"),
            'modules/bucket/main.tf:11 status = var.versioned ? "Enabled" : "Suspended"',
        ),
    ],
)
def test_a_plan_is_shown_in_its_configuration(
    infra: Path, marked: Marked, address: str, path: BodyPath, expected: str
) -> None:
    assert marked(address, *path) == f"infra/{expected}"


def test_a_plan_one_folder_below_its_configuration(infra: Path, marked: Marked) -> None:
    (infra / "out").mkdir()
    (infra / "plan.json").rename(infra / "out" / "plan.json")
    assert marked("aws_instance.gpu[0]", "ami") == 'infra/main.tf:52 ami           = "ami-12345678"'


def test_a_module_that_is_not_at_hand_is_shown_at_its_call(infra: Path, marked: Marked) -> None:
    shutil.rmtree(infra / "modules")
    assert marked('module.data["raw"].aws_s3_bucket.this', "bucket") == 'infra/main.tf:18 module "data"'


@pytest.fixture
def chain(base: Path, read: Read) -> Callable[..., list[str]]:
    """Where else to look for a path of the document with this address, as `uri:line address`."""

    def chain(address: str, *path: str | int) -> list[str]:
        document = next(found for found in read().documents if found.origin.address == address)
        (located,) = load.locate([Citation(document.origin, path)], load.Options(base))
        return [f"{one.uri.removeprefix('infra/')}:{one.line} {one.address}" for one in located.related]

    return chain


def test_a_place_in_a_module_names_the_calls_that_lead_there(infra: Path, chain: Callable[..., list[str]]) -> None:
    assert chain("aws_instance.gpu[0]", "ami") == []
    found = chain('module.data["clean.v1"].aws_s3_bucket.this', "bucket")
    assert found == ['main.tf:18 module.data["clean.v1"]', "main.tf:21 var.name"]
    shutil.rmtree(infra / "modules")
    assert chain('module.data["clean.v1"].aws_s3_bucket.this', "bucket") == []


PROVIDERS = """\
provider "aws" {
  default_tags {
    tags = { team = "x", env = "toy" }
  }
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
  default_tags {
    tags = merge(local.tags, { team = "y" })
  }
}
resource "aws_s3_bucket" "none" {
}
resource "aws_s3_bucket" "some" {
  tags = { env = "prod" }
}
resource "aws_s3_bucket" "made" {
  tags = local.tags
}
resource "aws_s3_bucket" "us" {
  provider = aws.us
}
"""


@pytest.mark.parametrize(
    ("name", "path", "expected"),
    [
        ("none", ("tags_all", "team"), '3 team = "x"'),
        ("none", ("tags_all", "other"), '13 resource "aws_s3_bucket" "none"'),
        ("none", ("tags_all",), '13 resource "aws_s3_bucket" "none"'),
        ("some", ("tags_all", "team"), '3 team = "x"'),
        ("some", ("tags_all", "env"), '16 env = "prod"'),
        ("made", ("tags_all", "team"), "19 tags = local.tags"),
        ("us", ("tags_all", "team"), '10 team = "y"'),
        ("us", ("tags_all", "other"), '10 tags = merge(local.tags, { team = "y" })'),
        ("us", ("region",), "22 provider = aws.us"),
        ("none", ("region",), '13 resource "aws_s3_bucket" "none"'),
    ],
)
def test_what_a_provider_gives_is_shown_where_it_is_configured(  # noqa: PLR0913, PLR0917  # fixtures and a table
    write: Write, marked: Marked, chain: Callable[..., list[str]], name: str, path: BodyPath, expected: str
) -> None:
    write("infra/main.tf", PROVIDERS)
    address = f"aws_s3_bucket.{name}"
    change = {"actions": ["create"], "before": None, "after": {"bucket": "b"}}
    entry = {"address": address, "mode": "managed", "type": "aws_s3_bucket", "name": name, "change": change}
    write("infra/plan.json", json.dumps({"format_version": "1.2", "resource_changes": [entry]}))
    assert marked(address, *path) == f"infra/main.tf:{expected}"
    line = PROVIDERS.split("\n").index(f'resource "aws_s3_bucket" "{name}" {{') + 1
    at_provider = int(expected.split(maxsplit=1)[0]) < 13
    assert chain(address, *path) == ([f"main.tf:{line + (name == 'some')} {address}"] if at_provider else [])


@pytest.mark.parametrize(
    ("call", "own", "expected"),
    [
        ("", "", 'main.tf:3 team = "x"'),
        ("providers = { aws = aws.us }", "", 'main.tf:10 team = "y"'),
        ("providers = { aws = aws, aws.other = aws.us }", "provider = aws.other", 'main.tf:10 team = "y"'),
        ("providers = { aws.other = aws.us }", "", 'inner/main.tf:1 resource "aws_s3_bucket" "b"'),
    ],
)
def test_what_a_provider_gives_is_followed_into_the_module_that_is_passed_it(  # as above
    write: Write, marked: Marked, call: str, own: str, expected: str
) -> None:
    write("infra/main.tf", PROVIDERS + f'module "m" {{\n  source = "./inner"\n  {call}\n}}\n')
    write("infra/inner/main.tf", f'resource "aws_s3_bucket" "b" {{\n  {own}\n}}\n')
    change = {"actions": ["create"], "before": None, "after": {"bucket": "b"}}
    entry = {"mode": "managed", "type": "aws_s3_bucket", "name": "b", "module_address": "module.m", "change": change}
    entry["address"] = "module.m.aws_s3_bucket.b"
    write("infra/plan.json", json.dumps({"format_version": "1.2", "resource_changes": [entry]}))
    assert marked("module.m.aws_s3_bucket.b", "tags_all", "team") == f"infra/{expected}"


PASSED_ON = """\
locals {
  caches = {
    on  = { tls = true, tags = local.common }
    off = { tls = false }
  }
  common = { team = "x" }
}
module "m" {
  source   = "./inner"
  for_each = local.caches
  tls      = each.value.tls
  name     = var.name
}
resource "aws_cache" "c" {
  for_each = local.caches
  tls      = each.value.tls
  tags     = each.value.tags
  name     = var.name
  made     = !each.value.tls
  plain    = false
  rule {
    on = local.caches["off"].tls
  }
}
"""
INNER = 'variable "tls" {}\nvariable "name" {}\nresource "aws_cache" "i" {\n  tls  = var.tls\n  name = var.name\n}\n'


@pytest.mark.parametrize(
    ("address", "path", "expected"),
    [
        ('aws_cache.c["off"]', ("tls",), ["main.tf:4 local.caches"]),
        ('aws_cache.c["on"]', ("tls",), ["main.tf:3 local.caches"]),
        ('aws_cache.c["on"]', ("tags", "team"), ["main.tf:6 local.common"]),
        ('aws_cache.c["off"]', ("rule", 0, "on"), ["main.tf:4 local.caches"]),
        ('aws_cache.c["off"]', ("name",), []),
        ('aws_cache.c["off"]', ("made",), []),
        ('aws_cache.c["off"]', ("plain",), []),
        ('aws_cache.c["off"]', ("absent",), []),
        ('module.m["off"].aws_cache.i', ("tls",), ['main.tf:8 module.m["off"]', "main.tf:4 local.caches"]),
        ('module.m["off"].aws_cache.i', ("name",), ['main.tf:8 module.m["off"]', "main.tf:12 var.name"]),
    ],
)
def test_a_value_that_is_passed_on_names_the_place_where_it_is_set(
    write: Write, chain: Callable[..., list[str]], address: str, path: BodyPath, expected: list[str]
) -> None:
    write("infra/main.tf", PASSED_ON)
    write("infra/inner/main.tf", INNER)
    change = {"actions": ["create"], "before": None, "after": {"tls": False}}
    entry = {"address": address, "mode": "managed", "type": "aws_cache", "name": "c", "change": change}
    write("infra/plan.json", json.dumps({"format_version": "1.2", "resource_changes": [entry]}))
    assert chain(address, *path) == expected


@pytest.fixture
def nested(base: Path) -> Path:
    """Two modules inside of one another, and a plan of a bucket in the inner one."""
    (base / "infra" / "outer" / "inner").mkdir(parents=True)
    infra = base / "infra"
    (infra / "main.tf").write_text('module "a" {\n  source = "./outer"\n  label = "x"\n}\n')
    outer = 'variable "label" {}\nmodule "b" {\n  source = "./inner"\n  name = "${var.label}-y"\n}\n'
    (infra / "outer" / "main.tf").write_text(outer)
    inner = 'variable "name" {}\nresource "aws_s3_bucket" "this" {\n  bucket = var.name\n}\n'
    (infra / "outer" / "inner" / "main.tf").write_text(inner)
    address = 'module.a["x.y"].module.b[0].aws_s3_bucket.this'
    change = {"actions": ["create"], "before": None, "after": {"bucket": "x-y"}}
    entry = {"address": address, "mode": "managed", "type": "aws_s3_bucket", "name": "this", "change": change}
    (infra / "plan.json").write_text(json.dumps({"format_version": "1.2", "resource_changes": [entry]}))
    return infra


@pytest.mark.usefixtures("nested")
def test_the_innermost_call_comes_first(marked: Marked, chain: Callable[..., list[str]]) -> None:
    address = 'module.a["x.y"].module.b[0].aws_s3_bucket.this'
    assert marked(address, "bucket") == "infra/outer/inner/main.tf:3 bucket = var.name"
    calls = ['outer/main.tf:2 module.a["x.y"].module.b[0]', 'main.tf:1 module.a["x.y"]', "outer/main.tf:4 var.name"]
    assert chain(address, "bucket") == calls


def test_of_downloaded_modules_the_argument_given_first_is_shown(
    nested: Path, marked: Marked, chain: Callable[..., list[str]]
) -> None:
    """No checkout has the files that were downloaded, so an alert there would be seen by nobody."""
    (nested / ".terraform" / "modules").mkdir(parents=True)
    (nested / "outer").rename(nested / ".terraform" / "modules" / "a")
    modules = [{"Key": "a", "Dir": ".terraform/modules/a"}, {"Key": "a.b", "Dir": ".terraform/modules/a/inner"}]
    (nested / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": modules}))
    address = 'module.a["x.y"].module.b[0].aws_s3_bucket.this'
    assert marked(address, "bucket") == 'infra/main.tf:3 label = "x"'
    assert chain(address, "bucket") == [
        f".terraform/modules/a/inner/main.tf:3 {address}",
        '.terraform/modules/a/main.tf:2 module.a["x.y"].module.b[0]',
    ]
    assert marked(address, "force_destroy") == 'infra/main.tf:1 module "a"'


def test_a_downloaded_module_is_shown_at_the_argument_it_was_given(infra: Path, marked: Marked) -> None:
    (infra / ".terraform" / "modules").mkdir(parents=True)
    (infra / "modules" / "bucket").rename(infra / ".terraform" / "modules" / "data")
    text = (infra / "main.tf").read_text().replace("./modules/bucket", "example/bucket/aws")
    (infra / "main.tf").write_text(text)
    entry = {"Key": "data", "Source": "example/bucket/aws", "Dir": ".terraform/modules/data"}
    (infra / ".terraform" / "modules" / "modules.json").write_text(json.dumps({"Modules": [entry]}))
    bucket = 'module.data["raw"].aws_s3_bucket.this'
    assert marked(bucket, "bucket") == 'infra/main.tf:21 name     = "demo-${each.key}"'
    assert marked(bucket, "force_destroy") == 'infra/main.tf:18 module "data"'
    assert marked(bucket) == 'infra/main.tf:18 module "data"'


@pytest.mark.parametrize("source", ["../../outside", "./link"])
def test_a_module_source_never_leads_out_of_the_base(
    infra: Path, base: Path, read: Read, source: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = base.parent / "outside"
    outside.mkdir(exist_ok=True)
    shutil.copy(infra / "modules" / "bucket" / "main.tf", outside)
    (infra / "link").symlink_to(outside)
    (infra / "main.tf").write_text((infra / "main.tf").read_text().replace("./modules/bucket", source))
    document = next(found for found in read().documents if found.body["type"] == "aws_s3_bucket")
    (located,) = load.locate([Citation(document.origin, ("bucket",))], load.Options(base))
    assert (located.origin.uri, located.origin.line) == ("infra/main.tf", 18)


def test_without_configuration_a_plan_is_shown_in_itself(infra: Path, marked: Marked, base: Path) -> None:
    (infra / "main.tf").unlink()
    shutil.rmtree(infra / "modules")
    plan = json.loads((infra / "plan.json").read_text())
    (infra / "plan.json").write_text(json.dumps(plan, indent=1))
    assert marked("aws_instance.gpu[0]").endswith('"address": "aws_instance.gpu[0]"')
    assert marked("aws_instance.gpu[0]", "instance_type").endswith('"instance_type": "p4d.24xlarge"')


def test_configuration_of_another_module_is_not_taken_for_the_plans_own(infra: Path, marked: Marked) -> None:
    (infra / "main.tf").write_text('resource "aws_instance" "cpu" {}\n')
    assert marked("aws_instance.gpu[0]").startswith("infra/plan.json:")


REMOVED = "removed {\n  # left to itself\n  from = %s\n  lifecycle {\n    destroy = true\n  }\n}\n"


@pytest.mark.parametrize(
    ("file", "source", "address", "expected"),
    [
        ("gone.tf", "aws_instance.gpu", "aws_instance.gpu[1]", "gone.tf:3 from = aws_instance.gpu"),
        ("gone.tf", "module.data", 'module.data["raw"].aws_s3_bucket.this', "gone.tf:3 from = module.data"),
        (
            "modules/bucket/gone.tf",
            "aws_s3_bucket.this",
            'module.data["raw"].aws_s3_bucket.this',
            "modules/bucket/gone.tf:3 from = aws_s3_bucket.this",
        ),
        ("gone.tf", "aws_instance.gpu2", "aws_instance.gpu[1]", "plan.json:"),
    ],
)
def test_what_is_removed_is_shown_where_the_configuration_says_so(  # noqa: PLR0913, PLR0917  # fixtures and a table
    infra: Path, marked: Marked, file: str, source: str, address: str, expected: str
) -> None:
    for place, kind in (("main.tf", "aws_instance"), ("modules/bucket/main.tf", "aws_s3_bucket")):
        text = (infra / place).read_text()
        (infra / place).write_text(text.replace(f'resource "{kind}" "', f'resource "{kind}" "other_'))
    if source == "module.data":
        (infra / "main.tf").write_text((infra / "main.tf").read_text().replace('module "data"', 'module "other"'))
    (infra / file).write_text(REMOVED % source)
    assert marked(address, "ami").startswith(f"infra/{expected}")


def test_half_written_configuration_still_has_lines(infra: Path, marked: Marked) -> None:
    (infra / "main.tf").write_text('resource "aws_instance" "gpu" {\n  ami =\n  instance_type = "é${"\n')
    assert marked("aws_instance.gpu[0]", "nothing").startswith("infra/")


def test_citations_keep_their_order_and_survive_a_file_that_is_gone(write: Write, read: Read, base: Path) -> None:
    for name in ("a", "b", "c"):
        write(f"{name}.yaml", f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n")
    documents = read().documents
    (base / "b.yaml").unlink()
    citations = [Citation(document.origin, ("metadata", "name")) for document in (*documents, *documents[::-1])]
    located = load.locate(citations, load.Options(base))
    assert [(found.origin.address, found.origin.line) for found in located] == [
        ("Pod/a", 4), ("Pod/b", 0), ("Pod/c", 4), ("Pod/c", 4), ("Pod/b", 0), ("Pod/a", 4),
    ]  # fmt: skip


def test_a_file_that_changed_under_the_scan_is_no_trouble(write: Write, read: Read, base: Path) -> None:
    write("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")
    (document,) = read().documents
    for content in ("", "- [", "x: " + "[" * 300_000, "- " * 300_000, b"\xff\xfe\x00", "{"):
        write("a.yaml", content)
        (located,) = load.locate([Citation(document.origin, ("metadata", "name"))], load.Options(base))
        assert located.origin.line == 0
