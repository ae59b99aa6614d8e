"""Launch templates and instance templates: what a group of machines is made from."""

from __future__ import annotations

from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._terraform.item import Item

_AMAZON = ("aws_launch_template",)
_DECIDING = ("instance_type", "instance_requirements", "instance_market_options")
"""Arguments that decide which machines a launch template starts."""

GOOGLE_TEMPLATES = ("google_compute_instance_template", "google_compute_region_instance_template")


def group_templates(item: Item) -> list[Item]:
    """The instance templates of a Google managed instance group, one for each version it runs."""
    found = [
        item.target("version", index, "instance_template", kinds=GOOGLE_TEMPLATES)
        for index in range(len(item.get("version") or ()))
    ]
    return [template for template in found if template is not None]


def launch_template(item: Item, *path: str | int) -> Item | None:
    """The AWS launch template that the block under `path` names by id or by name."""
    for key in ("id", "name", "launch_template_id", "launch_template_name"):
        if key in (item.get(*path) or {}) and not _is_placeholder(item.peek(*path, key)):
            open_id = isinstance(item.peek(*path, key), Unknown) and not item.left_alone(*path, key)
            found = _new_template(item, *path, key) if open_id else item.target(*path, key, kinds=_AMAZON)
            if found is not None:
                return found
    return None


def own_template(item: Item) -> Item | None:
    """The launch template that an instance or a node group names, if it names one."""
    return None if item.left_unset("launch_template") else launch_template(item, "launch_template", 0)


def _is_placeholder(identity: Any) -> bool:
    """The provider plans the text `unknown` as the id of a template that is named and does not stand yet.

    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/autoscaling/consts.go
    """
    return isinstance(identity, str) and identity == "unknown"


def template_type(template: Item) -> str:
    """The type of machine that a launch template names; empty where it names none."""
    key = "instance_requirements"
    if not template.left_unset(key) and template.get(key):
        raise UnknownRead(Unknown("it chooses its instance types by requirements", key))
    return str(template.get("instance_type") or "")


def _new_template(item: Item, *path: str | int) -> Item:
    """A template that the plan makes: the one named, or any of them if all start the same machines.

    An identity that only the apply can tell belongs to a template that is not there yet, so it is one of these.
    """
    made = item.estate.by_type.get("aws_launch_template", ())
    new = item.estate.pointed(item, path, _AMAZON) or [
        template for template in made if "create" in template.document.body["actions"]
    ]
    machines = [[template.peek(key) for key in _DECIDING] for template in new]
    if not new or any(one != machines[0] for one in machines):
        item.get(*path)
    return item.views(new)[0]
