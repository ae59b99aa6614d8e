"""What joins networks of AWS with those of other regions."""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow import Ends, end, flow, local, place_of, written
from scanner.normalize._terraform.item import Item
from scanner.patterns import regex

_SERVICE = regex(r"(?:[a-z0-9]+\.)*amazonaws\.(?:vpce\.)?([a-z]{2}(?:-[a-z]+)+-\d)\.")


def _peer(item: Item) -> Ends:
    """A peer without a region of its own is in the same one."""
    if not item.left_unset("peer_region"):
        return written(item, "peer_region")
    return [end(("peer_vpc_id",), place_of(item))]


def _service(item: Item) -> Ends:
    """Where the service of an endpoint is: its name tells, and is known when the region is left to the provider.

    https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
    """
    name = item.peek("service_name")
    match = _SERVICE.match(name) if isinstance(name, str) else None
    if match is None:
        return written(item, "service_region")
    return [end(("service_name",) if item.left_unset("service_region") else ("service_region",), match[1])]


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_vpc_peering_connection": flow(local("vpc_id", "aws_vpc"), _peer),
    "aws_ec2_transit_gateway_peering_attachment": flow(
        local("transit_gateway_id", "aws_ec2_transit_gateway"),
        lambda item: written(item, "peer_region"),
    ),
    "aws_vpc_endpoint": flow(local("vpc_id", "aws_vpc"), _service),
}
"""Native type to where data comes from and where it goes."""
