"""SageMaker's machines: notebooks, Studio applications, and endpoints with what scales them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from scanner.model import Unknown, UnknownRead
from scanner.normalize._reading import Block, Getter, always, no
from scanner.normalize._terraform.flow import named
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import none, text

if TYPE_CHECKING:
    from scanner.normalize._terraform.estate import Estate


def _variants(item: Item) -> list[Block]:
    """Variants that run on machines of their own; a serverless one does not."""
    kinds = ("production_variants", "shadow_production_variants")
    found = [variant for kind in kinds if not item.left_unset(kind) for variant in item.blocks(kind)]
    return [variant for variant in found if not variant.get("serverless_config")]


def _variant_type(item: Item) -> str:
    types = {str(variant.get("instance_type")) for variant in _variants(item)}
    if len(types) > 1:
        raise UnknownRead(Unknown("its variants run on different types, which no single count describes"))
    return types.pop() if types else ""


def _variant_count(scaling_key: str, target_key: str) -> Getter:
    """As many instances as the application autoscaling target of each variant says, else as it says itself.

    Endpoints that use one configuration each have instances of their own. Where none is in view there is one elsewhere.
    """

    def getter(item: Item) -> int:
        endpoints = list(_targets(item)) or [{}]
        variants = _variants(item)
        return sum(_scaled(variant, scaling_key, target_key, targets) for targets in endpoints for variant in variants)

    return getter


def _scaled(variant: Block, scaling_key: str, target_key: str, targets: Mapping[str, Item]) -> int:
    target = targets.get(variant.get("variant_name") or "")
    if target is not None:
        return int(target.get(target_key))
    scaled = variant.get("managed_instance_scaling", 0, scaling_key)
    return int(variant.get("initial_instance_count") or 1) if scaled is None else int(scaled)


def _targets(item: Item) -> Iterator[Mapping[str, Item]]:
    """For each endpoint that uses a configuration, the targets that scale it, by the variant they scale."""
    links = item.estate.links("aws_sagemaker_endpoint", "endpoint_config_name", item.type)
    endpoints = links.certain.get(item.origin.address, ())
    scaled = item.estate.once("sagemaker targets", lambda: _by_endpoint(item.estate)) if endpoints else {}
    for target in scaled.get("", ()) if endpoints else ():
        if any(one.type == "aws_sagemaker_endpoint" for one in item.estate.referred(target, "resource_id")):
            item.views([target])[0].get("resource_id")
    for endpoint in endpoints:
        name = endpoint.body.get("name")
        mine = scaled.get(name, ()) if isinstance(name, str) else ()
        yield {str(one.body["resource_id"]).rpartition("/")[2]: item.views([one])[0] for one in mine}


def _by_endpoint(estate: Estate) -> Mapping[str, list[Item]]:
    """Application autoscaling targets by their endpoint's name; by no name those that do not say it yet."""
    found: dict[str, list[Item]] = {}
    for target in estate.by_type.get("aws_appautoscaling_target", ()):
        named = target.body.get("resource_id")
        if isinstance(named, Unknown):
            found.setdefault("", []).append(target)
        elif str(named).startswith("endpoint/"):
            found.setdefault(str(named).split("/")[1], []).append(target)
    return found


def _captured(item: Item) -> list[Any]:
    """Where the requests to an endpoint, and its answers, are written."""
    key = "data_capture_config"
    if item.left_unset(key) or not item.get(key) or not item.setting(key, 0, "enable_capture", default=False):
        return []
    found = [one["region"] for one in named(item, key, 0, "destination_s3_uri", kinds=("aws_s3_bucket",))]
    item.cite(key, 0, "destination_s3_uri")
    return found


_APPS = {"JupyterLab": "jupyter_lab_app_settings", "CodeEditor": "code_editor_app_settings"}
"""Kinds of Studio applications that can be stopped when they are idle, and where a domain says so.

https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-idle-shutdown.html
"""


def _script_may_stop(*path: str | int) -> Getter:
    """A lifecycle script is how such a notebook is stopped, if at all; what it does is not in the plan."""

    def getter(item: Item) -> bool:
        if item.left_unset(str(path[0])) or not item.get(*path):
            return False
        reason = "whether its lifecycle script stops it when it is idle is not in the plan"
        raise UnknownRead(Unknown(reason, str(path[-1])))

    return getter


def _app_stops(item: Item) -> bool:
    """Studio applications are stopped if their domain or their user's profile says so, the older kinds by a script.

    A profile wins over its domain. Where no profile is in the plan, there is one elsewhere.
    """
    settings = _APPS.get(str(item.get("app_type")))
    if settings is None:
        return bool(_script_may_stop("resource_spec", 0, "lifecycle_config_arn")(item))
    domain = item.target("domain_id", kinds=("aws_sagemaker_domain",))
    if domain is not None and _stops_idle(domain, "default_user_settings", settings):
        return True
    profiles = item.views(item.estate.by_type.get("aws_sagemaker_user_profile", ()))
    if not profiles or any(_stops_idle(profile, "user_settings", settings) for profile in profiles):
        raise UnknownRead(Unknown("whether the profile of its user stops it when it is idle is not known", "domain_id"))
    return False


def _stops_idle(holder: Item, users: str, settings: str) -> bool:
    path = (users, 0, settings, 0, "app_lifecycle_management", 0, "idle_settings", 0)
    return bool(holder.get(*path)) and bool(holder.get(*path, "lifecycle_management") == "ENABLED")


def _app_type(item: Item) -> str:
    return "" if item.left_unset("resource_spec") else str(item.get("resource_spec", 0, "instance_type") or "")


def _groups(item: Item) -> list[Block]:
    """HyperPod: groups of instances, in the provider that follows the API closely (`awscc`).

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-cluster.html
    """
    kinds = ("instance_groups", "restricted_instance_groups")
    return [group for kind in kinds if not item.left_unset(kind) for group in item.blocks(kind)]


def _cluster_type(item: Item) -> str:
    types = {str(group.get("instance_type")) for group in _groups(item) if group.get("instance_count")}
    if len(types) > 1:
        raise UnknownRead(Unknown("its groups run on different types, which no single count describes"))
    return types.pop() if types else ""


def _cluster_size(item: Item) -> int:
    return sum(int(group.get("instance_count") or 0) for group in _groups(item))


def _on_training_plan(item: Item) -> bool:
    return any(bool(group.get("training_plan_arn")) for group in _groups(item))


def _on_spot(item: Item) -> bool:
    """Whether every group is on capacity that AWS may take back."""
    groups = _groups(item)
    return bool(groups) and all(group.get("capacity_requirements", "spot") is not None for group in groups)


_ONE: dict[str, Getter] = {"accelerators": none, "minimum": always(1), "maximum": always(1), "spot": no, "reserved": no}

GETTERS: dict[str, dict[str, Getter]] = {
    "aws_sagemaker_notebook_instance": {
        **_ONE,
        "machine_type": text("instance_type"),
        "idle_shutdown": _script_may_stop("lifecycle_config_name"),
    },
    "awscc_sagemaker_cluster": {
        "machine_type": _cluster_type,
        "accelerators": none,
        "alternatives": none,
        "minimum": _cluster_size,
        "maximum": _cluster_size,
        "spot": _on_spot,
        "reserved": _on_training_plan,
    },
    "aws_sagemaker_app": {**_ONE, "machine_type": _app_type, "idle_shutdown": _app_stops},
    "aws_sagemaker_endpoint_configuration": {
        "machine_type": _variant_type,
        "accelerators": none,
        "minimum": _variant_count("min_instance_count", "min_capacity"),
        "maximum": _variant_count("max_instance_count", "max_capacity"),
        "spot": no,
        "reserved": no,
        "log_regions": _captured,
    },
}
