"""What joins networks of AWS with those of other regions."""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform_flow import Ends, end, flow, local, place_of, written
from scanner.normalize._terraform_item import Item


def _peer(item: Item) -> Ends:
    """A peer without a region of its own is in the same one."""
    if not item.left_unset("peer_region"):
        return written(item, "peer_region")
    return [end(("peer_vpc_id",), place_of(item))]


GETTERS: dict[str, dict[str, Getter]] = {
    "aws_vpc_peering_connection": flow(local("vpc_id", "aws_vpc"), _peer),
    "aws_ec2_transit_gateway_peering_attachment": flow(
        local("transit_gateway_id", "aws_ec2_transit_gateway"),
        lambda item: written(item, "peer_region"),
    ),
    # The region of the service that the endpoint leads to, where it is another one.
    "aws_vpc_endpoint": flow(local("vpc_id", "aws_vpc"), lambda item: written(item, "service_region")),
}
"""Native type to where data comes from and where it goes."""
