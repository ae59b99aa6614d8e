"""Reservations: machines that are paid for whether they run or not."""

from __future__ import annotations

from typing import Any

from scanner.normalize._reading import Getter, always, no
from scanner.normalize._terraform.compute_google import attached
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.region import google_name
from scanner.normalize._terraform.templates import GOOGLE_TEMPLATES
from scanner.normalize._terraform.words import none, text

_RESERVED = ("specific_reservation", 0)
_PROPERTIES = (*_RESERVED, "instance_properties", 0)


def _google_template(item: Item) -> Item | None:
    """A reservation may take its machines from a template instead of describing them."""
    return item.target(*_RESERVED, "source_instance_template", kinds=GOOGLE_TEMPLATES)


def _google_machine(item: Item) -> str:
    template = _google_template(item)
    place = template.get("machine_type") if template else item.get(*_PROPERTIES, "machine_type")
    return google_name(str(place or ""))


def _google_accelerators(item: Item) -> list[dict[str, Any]]:
    template = _google_template(item)
    if template:
        return attached(template, "guest_accelerator")
    if not item.get(*_PROPERTIES):
        return []
    return attached(item.item(*_PROPERTIES), "guest_accelerators", "accelerator_count", "accelerator_type")


def _google_ends(item: Item) -> bool:
    return any(not item.left_unset(key) and bool(item.get(key)) for key in ("delete_at_time", "delete_after_duration"))


def _size(*path: str | int) -> dict[str, Getter]:
    """As many as are reserved, always."""

    def getter(item: Item) -> int:
        return int(item.setting(*path, default=1))

    return {"minimum": getter, "maximum": getter}


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_ec2_capacity_reservation": {
        **_size("instance_count"),
        "machine_type": text("instance_type"),
        "accelerators": none,
        "ends": lambda item: bool(item.setting("end_date_type", default="unlimited") == "limited"),
        "open": lambda item: bool(item.setting("instance_match_criteria", default="open") == "open"),
    },
    "google_compute_reservation": {
        **_size(*_RESERVED, "count"),
        "machine_type": _google_machine,
        "accelerators": _google_accelerators,
        "ends": _google_ends,
        "open": lambda item: not item.setting("specific_reservation_required", default=False),
    },
    "azurerm_capacity_reservation": {
        **_size("sku", 0, "capacity"),
        "machine_type": text("sku", 0, "name"),
        "accelerators": none,
        "ends": no,
        "open": always(False),  # machines name its group  # noqa: FBT003
    },
}
