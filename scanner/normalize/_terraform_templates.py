"""Launch templates and instance templates: what a group of machines is made from."""

from __future__ import annotations

from scanner.normalize._terraform_item import Item

_GOOGLE = ("google_compute_instance_template", "google_compute_region_instance_template")


def group_templates(item: Item) -> list[Item]:
    """The instance templates of a Google managed instance group, one for each version it runs."""
    found = [
        item.target("version", index, "instance_template", kinds=_GOOGLE)
        for index in range(len(item.get("version") or ()))
    ]
    return [template for template in found if template is not None]


def launch_template(item: Item, *path: str | int) -> Item | None:
    """The AWS launch template that the block under `path` names by id or by name."""
    for key in ("id", "name", "launch_template_id", "launch_template_name"):
        if key in (item.get(*path) or {}):
            found = item.target(*path, key, kinds=("aws_launch_template",))
            if found is not None:
                return found
    return None
