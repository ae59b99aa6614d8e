"""Small translations that several families of live AWS things need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._aws.thing import Thing
from scanner.normalize._reading import Getter


def flag(*path: str | int) -> Getter:
    """A getter for a switch."""
    return lambda thing: bool(thing.get(*path))


def other_regions(thing: Thing, regions: Iterable[Any]) -> list[str]:
    """The regions that are not its own, each once, in the order of the source."""
    own = thing.body["region"]
    return [place for place in dict.fromkeys(str(one) for one in regions if one) if place != own]


def arn_region(arn: Any) -> str:
    """The region in an ARN; empty for none."""
    parts = str(arn).split(":", 4)
    return parts[3] if len(parts) > 4 else ""  # noqa: PLR2004  # arn:partition:service:region:rest


def encryption(thing: Thing, on: Any, key: Any) -> str:
    """`none`, or whose key it is."""
    if not on:
        return "none"
    return "customer" if key and thing.customers_key(key) else "provider"


def in_force(status: Any, what: str) -> None:
    """Raises `UnknownRead` for a setting that the service has not brought into force yet, or failed to.

    Until then what it was before holds, which nobody tells.
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBParameterGroupStatus.html
    https://docs.aws.amazon.com/redshift/latest/APIReference/API_ClusterParameterStatus.html
    """
    if status and status != "in-sync":
        raise UnknownRead(Unknown(f"{what} is not in force yet: {status}", "ParameterApplyStatus"))


def tags_of(tags: Mapping[str, Any]) -> dict[str, str]:
    """Tags, without those that only AWS can set; nobody is billed by them."""
    return {key: str(value) for key, value in tags.items() if not key.startswith("aws:")}
