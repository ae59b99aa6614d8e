"""The cost tags of a Terraform resource, whatever its provider calls them.

Single values that are not known stay unknown singly. Labels that a node pool puts on its Kubernetes nodes are no
tags: nobody is billed by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.model import Unknown, known
from scanner.normalize._reading import read
from scanner.normalize._terraform.bodies import told
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.provider_versions import is_from
from scanner.normalize._terraform.templates import group_templates, own_template
from scanner.taggable import is_taggable

_GOOGLE_PATHS: Mapping[str, tuple[str | int, ...]] = {
    "google_sql_database_instance": ("settings", 0, "user_labels"),
}
_MERGED = ("effective_labels", "terraform_labels")
"""What the provider fills in where its default labels come to a resource."""
_DOUBT = Unknown("the provider's default labels come to clusters from its version 6 on", "resource_labels")
_GOOGLE_GROUPS = {"google_compute_instance_group_manager", "google_compute_region_instance_group_manager"}


def tags(item: Item) -> Any:
    """Text to text; empty for what has none."""
    provider = item.document.body["provider"]
    if provider in {"aws", "awscc"}:
        return _aws(item)
    if provider in {"google", "google-beta"}:
        return _google(item)
    if provider == "azapi":
        return as_text(known(told(item, "tags", "default_tags")) or {})
    return _texts(item, "tags") if provider == "azurerm" else {}


def own_tags(item: Item) -> dict[str, Any]:
    """The tags of a block that bears its own, such as an Azure node pool inside of its cluster."""
    return _texts(item, "tags")


def _aws(item: Item) -> Any:
    if item.type != "aws_instance" or item.stands:
        return _own_aws(item)
    of_template = _tags_of_template(item)
    return {**of_template, **_own_aws(item)}  # looked at last, because its own are what a finding shows


def _own_aws(item: Item) -> Any:
    if item.type == "aws_autoscaling_group":
        return _scaling_tags(item)
    if "tags_all" not in item.body and "tags" not in item.body and not _may_have_tags(item):
        return {}
    if isinstance(item.body.get("tags_all"), Mapping):
        return _but_for_ignored(item, _texts(item, "tags_all"))
    defaults = known(item.document.body["provider_config"].get("default_tags"))
    return _but_for_ignored(item, {**as_text(defaults or {}), **_texts(item, "tags")})


def _but_for_ignored(item: Item, found: dict[str, Any]) -> dict[str, Any]:
    """A provider neither writes nor reads a tag that it is told to ignore, as somebody else sets it; plans lack it.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/resource-tagging
    """
    settings = item.document.body["provider_config"]
    keys, prefixes = (_list(settings.get(name)) for name in ("ignored_tags", "ignored_prefixes"))
    if not keys and not prefixes:
        return found
    unseen = Unknown("its provider ignores this tag, which somebody else sets", "tags")
    written = item.body.get("tags")
    names = [*found, *(written if isinstance(written, Mapping) else ())]
    return found | dict.fromkeys([*keys, *(name for name in names if name.startswith(tuple(prefixes)))], unseen)


def _list(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _tags_of_template(item: Item) -> dict[str, Any]:
    """A machine that is made gets its template's tags beside its own, as far as the template is at hand.

    Terraform takes them away when it is applied once more, so that without a plan they may be there or not.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/launch-templates.html
    """
    template = read(own_template, item)[0]
    if not isinstance(template, Item):
        return {}
    found = template_tags(template)
    if item.planned:
        return found if "create" in item.document.body["actions"] else {}
    return {key: Unknown("its launch template sets it when the machine is made", "tags") for key in found}


def template_tags(template: Item) -> dict[str, Any]:
    """What a template puts on the instances it starts. Its own tags, and the provider's defaults, stay on itself."""
    key = "tag_specifications"
    found = [] if template.left_unset(key) else template.blocks(key)
    for_machines = [one.get("tags") or {} for one in found if one.get("resource_type") == "instance"]
    template.cite(key)
    return {name: value for tags in for_machines for name, value in as_text(tags).items()}


def _may_have_tags(item: Item) -> bool:
    """A plan shows the tags of every type that has some; without one, the providers' schemas say which have."""
    return not item.planned and bool(is_taggable(item.type))


def _scaling_tags(group: Item) -> dict[str, Any]:
    """Written as blocks, or as a list of maps up to provider 4. The provider's default tags do not come to a group."""
    blocks = [*group.blocks("tags"), *group.blocks("tag")]
    return as_text({block.get("key"): block.peek("value") for block in blocks})


def _google(item: Item) -> Any:
    if item.type in _GOOGLE_GROUPS:
        return group_labels(item)
    if item.type == "google_container_node_pool":
        return pool_labels(item)
    if item.type == "google_container_cluster":
        return cluster_labels(item)
    if item.type in _GOOGLE_PATHS:
        return _texts(item, *_GOOGLE_PATHS[item.type])
    return _labels(item)


def _labels(item: Item) -> dict[str, Any]:
    """Its own labels with the provider's default ones, which a plan shows merged."""
    for key in _MERGED:
        if isinstance(item.body.get(key), Mapping):
            return _texts(item, key)
    if "labels" not in item.body and not _may_have_tags(item):
        return {}
    defaults = known(item.document.body["provider_config"].get("default_tags"))
    return {**as_text(defaults or {}), **_texts(item, "labels")}


def cluster_labels(cluster: Item) -> dict[str, Any]:
    """The provider's default labels come to a cluster from version 6 on, which a plan shows.

    https://github.com/GoogleCloudPlatform/magic-modules/pull/11320
    """
    merged = next((key for key in _MERGED if isinstance(cluster.body.get(key), Mapping)), None)
    if merged or cluster.planned:
        return _texts(cluster, merged or "resource_labels")
    defaults = as_text(known(cluster.document.body["provider_config"].get("default_tags")) or {})
    comes = is_from(cluster, 6)
    if comes is None:
        defaults = dict.fromkeys(defaults, _DOUBT)
    return {**(defaults if comes is not False else {}), **_texts(cluster, "resource_labels")}


def pool_labels(pool: Item) -> dict[str, Any]:
    """What the machines of a node pool bear: its own labels, and those of its cluster."""
    inside = pool.type == "google_container_cluster"
    of_cluster = cluster_labels(Item(pool.document, pool.estate, last=pool.last)) if inside else _cluster_labels(pool)
    return {**of_cluster, **_texts(pool, "node_config", 0, "resource_labels")}


def _cluster_labels(pool: Item) -> dict[str, Any]:
    """The machines of a node pool bear the labels of their cluster too, if the plan has it.

    Raises `UnknownRead` if it is not known which cluster that is.
    """
    clusters = pool.estate.pointed(pool, ("cluster",), ("google_container_cluster",))
    if len(clusters) != 1:
        pool.get("cluster")
        return {}
    return cluster_labels(clusters[0])


def group_labels(item: Item) -> dict[str, Any]:
    """A group has no labels of its own; its machines have those of its template, the provider's default ones too.

    https://github.com/GoogleCloudPlatform/magic-modules/pull/9051
    """
    labels: dict[str, Any] = {}
    for template in group_templates(item):
        labels |= _labels(template)
    return {**labels, **_texts(item, "all_instances_config", 0, "labels")}


def _texts(item: Item, *path: str | int) -> dict[str, Any]:
    value = item.peek(*path)
    if isinstance(value, Unknown) and item.left_alone(*path):
        return {}
    return as_text(item.get(*path) or {})


def as_text(tags: Mapping[str, Any]) -> dict[str, Any]:
    """Tags as the provider stores them; people write numbers and truth values too."""
    return {key: _word(value) for key, value in tags.items() if value is not None}


def _word(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, Unknown) else str(value)
