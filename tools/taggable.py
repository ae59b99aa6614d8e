"""Writes scanner/taggable.txt: every resource type of the clouds' Terraform providers that takes tags or labels.

    python tools/taggable.py --aws SCHEMA.json --bindings GOOGLE_DIR --bindings AZURERM_DIR > scanner/taggable.txt

SCHEMA.json, named after the provider's version, is what `terraform providers schema -json` prints for hashicorp/aws. A
bindings folder is an unpacked wheel of `cdktf-cdktf-provider-google` or `-azurerm`, which HashiCorp generates from the
providers' schemas, one folder a resource.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

RESOURCE = re.compile(
    r"TerraformResource,\n.*?Represents a \{@link https://\S+/(?P<provider>\w+/\d[\d.]+)/\S+ (?P<type>\w+)\}", re.DOTALL
)
"""The class of a resource, not of a data source: the provider with its version, and the resource's type."""
OPTIONAL_MAP = r"^        {}: typing\.Optional\[typing\.Mapping\[builtins\.str, builtins\.str\]\]"
ARGUMENTS = re.compile(r"def __init__\(\n        self,\n(.*?)\n    \) -> None:", re.DOTALL)

DEEPER = {
    "aws_autoscaling_group": "tag",
    "google_compute_instance_group_manager": "all_instances_config.labels",
    "google_compute_region_instance_group_manager": "all_instances_config.labels",
    "google_container_node_pool": "node_config.resource_labels",
    "google_sql_database_instance": "settings.user_labels",
    "google_tpu_v2_vm": "labels",
}
"""Types that keep tags deeper than at the top, where only the documentation tells which map holds them, and one that
only Google's beta provider has, which has no bindings."""
NO_TAGS = {
    "azurerm_app_configuration_feature": "its tags are data of the configuration store",
    "azurerm_app_configuration_key": "its tags are data of the configuration store",
}
MONITORING = "google_monitoring_"
"""User labels of monitoring objects are for searching; they are on no bill."""


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--aws", type=Path, required=True)
    asked.add_argument("--bindings", type=Path, action="append", default=[])
    given = asked.parse_args()
    found = dict(DEEPER) | dict(amazon(given.aws))
    providers = set()
    for folder in given.bindings:
        for provider, kind, place in bound(folder):
            providers.add(provider)
            found.setdefault(kind, place)
    versions = ", ".join(sorted(providers))
    print(
        "# Resource types that take tags or labels, each with the argument that holds them. Do not edit: "
        f"made by tools/taggable.py, which says how, from hashicorp/aws {given.aws.stem}, {versions}."
    )
    for kind in sorted(found.keys() - NO_TAGS.keys()):
        print(kind, found[kind])


def amazon(schema: Path) -> Iterator[tuple[str, str]]:
    """Types whose `tags` are a map that somebody may set and the provider adds its defaults to."""
    (provider,) = json.loads(schema.read_text(encoding="utf-8"))["provider_schemas"].values()
    for kind, resource in provider["resource_schemas"].items():
        if {"tags", "tags_all"} <= resource["block"].get("attributes", {}).keys():
            yield kind, "tags"


def bound(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Provider, type and place of tags of each resource of a bindings folder that has some."""
    for path in sorted(folder.glob("cdktf_cdktf_provider_*/*/__init__.py")):
        text = path.read_text(encoding="utf-8")
        resource = RESOURCE.search(text)
        arguments = ARGUMENTS.search(text)
        if resource and arguments and (place := place_in(resource["type"], arguments[1], text)):
            yield resource["provider"].replace("/", " "), resource["type"], place


def place_in(kind: str, arguments: str, text: str) -> str:
    """The argument that holds tags. Google's `labels` are such only where the provider computes `effective_labels`."""
    if kind.startswith(MONITORING):
        return ""
    places = ["tags"] if kind.startswith("azurerm_") else ["labels", "resource_labels", "user_labels"]
    for place in places:
        if re.search(OPTIONAL_MAP.format(place), arguments, re.MULTILINE) and (
            place != "labels" or "def effective_labels(self)" in text
        ):
            return place
    return ""


if __name__ == "__main__":
    main()
