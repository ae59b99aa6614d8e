"""Where data goes, and over how many steps."""

from collections.abc import Callable
from typing import Any

from scanner.analyze import data_flow
from scanner.model import Inventory, Resource, Unknown

Make = Callable[..., Resource]
LATER = Unknown("known after apply")


def end(region: Any, resource: str = "", *path: Any) -> dict[str, Any]:
    return {"region": region, "resource": resource, "path": list(path)}


def bucket(make: Make, name: str, region: Any = "eu-west-1") -> Resource:
    return make("storage.bucket", name, region=region, attributes={"replica_regions": []})


def mover(make: Make, kind: str, name: str, sources: Any, destinations: Any) -> Resource:
    return make(kind, name, attributes={"sources": sources, "destinations": destinations})


def flows(*resources: Resource) -> dict[str, dict[str, Any]]:
    found = data_flow.derive(Inventory(resources))
    return {resource.name: dict(found[resource.uid].values) for resource in resources if resource.uid in found}


def test_copies_that_a_resource_keeps_of_itself(make: Make) -> None:
    one = make("storage.bucket", "one", region="eu-west-1", attributes={"replica_regions": ["us-east-1", LATER]})
    (known, unknown) = flows(one)["one"]["replication"]
    assert known == {"region": "us-east-1", "jurisdiction": "US", "from": "EU", "by": "one"}
    assert unknown["jurisdiction"] is LATER


def test_a_flow_belongs_to_the_resource_whose_data_it_is(make: Make) -> None:
    raw, clean = bucket(make, "raw"), bucket(make, "clean", "us-east-1")
    job = mover(make, "data.transfer", "job", [end("eu-west-1", raw.uid)], [end("us-east-1", clean.uid, "sink", 0)])
    found = flows(raw, clean, job)
    assert list(found) == ["raw"]
    assert found["raw"]["transfer"] == [{"region": "us-east-1", "jurisdiction": "US", "from": "EU", "by": "job"}]
    cited = data_flow.derive(Inventory([raw, clean, job]))[raw.uid].citations["transfer"]
    assert (cited.origin, cited.path) == (job.origin, ("sink", 0))


def test_a_flow_of_data_that_is_not_in_the_partition_belongs_to_what_makes_it_flow(make: Make) -> None:
    sink = mover(make, "log.sink", "sink", [], [end("us")])
    assert flows(sink)["sink"]["logs"] == [{"region": "us", "jurisdiction": "US", "from": "", "by": "sink"}]
    far = mover(make, "log.sink", "far", [end("eu-west-1", "plan.json#aws_vpc.elsewhere")], [end("us-east-1")])
    assert flows(far)["far"]["logs"][0]["from"] == "EU"


def test_what_has_no_region_is_no_destination(make: Make) -> None:
    assert flows(mover(make, "log.sink", "sink", [], [end("")])) == {"sink": {}}


def test_the_line_shown_is_that_of_the_flow_that_leaves(make: Make) -> None:
    plan = mover(
        make, "backup.plan", "plan", [end("eu-west-1")], [end("eu-central-1", "", "a"), end("us-east-1", "", "b")]
    )
    fact = data_flow.derive(Inventory([plan]))[plan.uid]
    assert [flow["jurisdiction"] for flow in fact.values["backup"]] == ["EU", "US"]
    assert fact.citations["backup"].path == ("b",)


def test_unknown_sources_or_destinations_leave_one_flow_unknown(make: Make) -> None:
    dark = mover(make, "data.transfer", "dark", LATER, [end("us-east-1")])
    assert flows(dark)["dark"]["transfer"][0]["from"] is LATER
    blind = mover(make, "data.transfer", "blind", [end("eu-west-1")], LATER)
    assert flows(blind)["blind"]["transfer"][0]["jurisdiction"] is LATER


def test_chains_are_followed_also_in_circles(make: Make) -> None:
    one, two, three = bucket(make, "one"), bucket(make, "two"), bucket(make, "three", "us-east-1")
    steps = [
        mover(make, "data.replication", f"{a.name}-{b.name}", [end(a.region, a.uid)], [end(b.region, b.uid)])
        for a, b in ((one, two), (two, one), (two, three), (three, one))
    ]
    found = flows(one, two, three, *steps)
    far = [flow for flow in found["one"]["further"] if flow["jurisdiction"] == "US"]
    assert [(flow["route"], flow["from"]) for flow in far] == [("one > two > two-three", "EU")]


def test_a_peering_passes_nothing_on(make: Make) -> None:
    hub, near = bucket(make, "hub"), bucket(make, "near")
    peering = mover(make, "network.peering", "peering", [end("eu-west-1", hub.uid)], [end("eu-west-1", near.uid)])
    job = mover(make, "data.transfer", "job", [end("eu-west-1", near.uid)], [end("us-east-1")])
    assert set(flows(hub, near, peering, job)["hub"]) == {"peering"}


def test_joined_networks_reach_each_other_both_ways(make: Make) -> None:
    far = bucket(make, "far", "us-east-1")
    peering = mover(make, "network.peering", "peering", [end("us-east-1", far.uid)], [end("eu-west-1")])
    found = flows(far, peering)
    assert [(flow["from"], flow["jurisdiction"]) for flow in found["far"]["peering"]] == [("US", "EU")]
    assert [(flow["from"], flow["jurisdiction"]) for flow in found["peering"]["peering"]] == [("EU", "US")]


def test_a_key_elsewhere(make: Make) -> None:
    disk = make("disk.volume", "disk", region="westeurope", attributes={"key_region": "uksouth"})
    assert flows(disk)["disk"]["key"][0]["jurisdiction"] == "GB"


def test_a_resource_of_a_hostile_shape_keeps_the_fact_from_nobody_else(make: Make) -> None:
    strange = make("storage.bucket", "strange", attributes={"replica_regions": [5]})
    good = make("storage.bucket", "good", region="eu-west-1", attributes={"replica_regions": ["us-east-1"]})
    odd = mover(make, "log.sink", "odd", [7], [end("us-east-1")])
    found = flows(strange, odd, good)
    assert found["good"]["replication"][0]["jurisdiction"] == "US"
    assert isinstance(found["strange"]["replication"], Unknown)
    assert isinstance(found["odd"]["logs"], Unknown)
