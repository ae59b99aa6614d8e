"""Every name an expression may use, with its type and what it means, as a Markdown page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner import analyze, normalize, registry

RESOURCE: Mapping[str, str] = {
    "uid": "Unique in a scan and stable between scans: file and address.",
    "type": "The canonical type, such as `storage.bucket`; `other` for what has none.",
    "native_type": "The source's own word: `aws_s3_bucket`, `apps/Deployment`, `storage.googleapis.com/Bucket`.",
    "provider": "`aws`, `gcp`, `azure`, `kubernetes`, or the Terraform provider's own name.",
    "name": "What its owner calls it.",
    "region": "The provider's own region or zone, lower case; empty for none.",
    "source": "Where it was read: `terraform_plan`, `kubernetes_manifest`, `gcp_assets` ...",
    "change": "What a plan does to it: `create update replace no-op`, else `none`; `delete` with `match.changes`.",
    "tags": "Tags or labels.",
    "native": "The body as its source writes it.",
}
"""What every resource has; the types are in `scanner.policy`."""

_MADE = "<!-- Made by `govscan inspect --vocabulary`; a test compares it. -->"
_HEAD = ("| name | type | meaning |", "|---|---|---|")
_AGGREGATE = (
    ("measured", "dyn", "In the validations of an aggregate policy: what its group measures."),
    ("group.<name>", "string", "Likewise: the group's value of that name in `group_by`."),
    ("params.<name>", "that of the default", "The policy's own parameters, with the organization's values."),
)


def page(types: Mapping[str, str]) -> str:
    """The page. `types` gives the CEL type of each `resource.<name>`."""
    lines = [
        _MADE,
        "",
        "# What an expression may name",
        "",
        "Expressions are [CEL](https://cel.dev). What is not known makes an answer unknown that hangs on it.",
        "",
        *_HEAD,
        *(_row(f"resource.{name}", types[f"resource.{name}"], doc) for name, doc in RESOURCE.items()),
        *(_row(*row) for row in _AGGREGATE),
        "",
        "## Facts",
        "",
        "Derived once for each resource, whatever its type.",
        "",
        *(line for name in sorted(analyze.names()) for line in _fact(name)),
        "## Attributes of canonical types",
        "",
        "A policy may read the attributes that every type in its `match.types` has.",
        "",
        *(line for name, row in normalize.catalogue().items() for line in _type(name, row)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _fact(name: str) -> Iterator[str]:
    module = registry.module("scanner.analyze", name)
    yield from (f"### facts.{name}", "", module.DOC, "", *_HEAD)
    for field, spec in module.FIELDS.items():
        yield _row(f"facts.{name}.{field}", spec.type, spec.doc)
    yield ""


def _type(name: str, row: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### {name}", "", row["doc"], "")
    words = [f"`{word}`" for natives in row["native"].values() for word in natives]
    yield from (f"Made from {', '.join(words)}.", "")
    if row["attributes"]:
        yield from _HEAD
    for attribute, spec in row["attributes"].items():
        yield _row(f"resource.attributes.{attribute}", spec["type"], spec["doc"])
    yield ""


def _row(name: str, kind: str, doc: str) -> str:
    return f"| `{name}` | {kind} | {' '.join(doc.split())} |".replace("||", "\\|\\|")
