"""SageMaker in a live AWS account: notebooks, and endpoints with what scales them."""

from __future__ import annotations

from itertools import product
from typing import Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._aws.storage import bucket_region
from scanner.normalize._aws.thing import Thing
from scanner.normalize._reading import Getter, always, no

_CONFIG = "DescribeEndpointConfig"


def _variants(thing: Thing) -> list[dict[str, Any]]:
    """Variants that run on machines of their own; a serverless one does not."""
    kinds = ("ProductionVariants", "ShadowProductionVariants")
    return [one for kind in kinds for one in thing.get(_CONFIG, kind) or () if not one.get("ServerlessConfig")]


def _endpoints(thing: Thing) -> list[Thing]:
    """The endpoints that run on this configuration, or are about to.

    A configuration cannot be changed: each change of an endpoint makes a new one, and the old ones stay, on which
    nothing runs.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html (`PendingDeploymentSummary`)
    """
    return thing.all("AWS::SageMaker::Endpoint", lambda one: thing.body["name"] in _configs(one))


def _configs(endpoint: Thing) -> tuple[Any, Any]:
    told = "DescribeEndpoint"
    return (
        endpoint.get(told, "EndpointConfigName"),
        endpoint.get(told, "PendingDeploymentSummary", "EndpointConfigName"),
    )


def _variant_type(thing: Thing) -> str:
    types = {str(one.get("InstanceType")) for one in _variants(thing)}
    if not types or not _endpoints(thing):
        return ""
    if len(types) > 1:
        raise UnknownRead(Unknown("its variants run on different types, which no single count describes"))
    return types.pop()


def _variant_count(scaling_key: str, target_key: str) -> Getter:
    """As many instances, for each endpoint, as the scaling target of each variant says, else as it says itself."""

    def getter(thing: Thing) -> int:
        endpoints = [str(one.body["name"]) for one in _endpoints(thing)]
        targets = _targets(thing) if endpoints else {}
        found = []
        for endpoint, one in product(endpoints, _variants(thing)):
            own = (one.get("ManagedInstanceScaling") or {}).get(scaling_key)
            scaled = targets.get(f"endpoint/{endpoint}/variant/{one.get('VariantName')}")
            told = scaled.entry(target_key) if scaled else own
            found.append(int(told if told is not None else one.get("InitialInstanceCount") or 1))
        thing.cite(_CONFIG, "ProductionVariants")
        return sum(found)

    return getter


def _targets(thing: Thing) -> dict[str, Thing]:
    """What scales the variants of endpoints, by the variant's name there."""
    return {str(one.body["name"]): one for one in thing.all("AWS::ApplicationAutoScaling::ScalableTarget")}


def _captured(thing: Thing) -> list[str]:
    """Where the requests to an endpoint, and its answers, are written."""
    capture = thing.get(_CONFIG, "DataCaptureConfig") or {}
    if not capture.get("EnableCapture"):
        return []
    return [bucket_region(thing, str(capture["DestinationS3Uri"]).removeprefix("s3://").partition("/")[0])]


def _stops(thing: Thing) -> bool:
    """A lifecycle script is how a notebook is stopped, if at all."""
    if not thing.get("DescribeNotebookInstance", "NotebookInstanceLifecycleConfigName"):
        return False
    raise UnknownRead(Unknown("whether its lifecycle script stops it when it is idle is not read", "OnStart"))


_ONE: dict[str, Getter] = {
    "accelerators": always([]),
    "minimum": always(1),
    "maximum": always(1),
    "added": always(0),
    "spot": no,
    "reserved": no,
}

GETTERS: dict[str, dict[str, Getter]] = {
    "AWS::SageMaker::NotebookInstance": {
        **_ONE,
        "machine_type": lambda thing: str(thing.entry("InstanceType")),
        "idle_shutdown": _stops,
    },
    "AWS::SageMaker::EndpointConfig": {
        **_ONE,
        "machine_type": _variant_type,
        "minimum": _variant_count("MinInstanceCount", "MinCapacity"),
        "maximum": _variant_count("MaxInstanceCount", "MaxCapacity"),
        "log_regions": _captured,
    },
}
