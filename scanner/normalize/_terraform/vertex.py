"""Vertex AI's machines: what endpoints are deployed on, and Colab runtimes with their templates folded in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.model import Path, Unknown, UnknownRead
from scanner.normalize._reading import Getter, always, no
from scanner.normalize._terraform.flow_google import table
from scanner.normalize._terraform.item import Item
from scanner.normalize._terraform.words import none, says

_LOGGING = ("predict_request_response_logging_config", 0)
_TEMPLATES = ("google_colab_runtime_template",)
_UNSPECIFIED = "ACCELERATOR_TYPE_UNSPECIFIED"
_NAMES_RESERVATION = says("reservation_affinity", "reservation_affinity_type", "SPECIFIC_RESERVATION")


def _accelerators(machine: Item) -> list[dict[str, Any]]:
    """Of a machine description of the API: one type and how many."""
    word = machine.setting("accelerator_type", default="")
    count = int(machine.setting("accelerator_count", default=0) or 0)
    machine.cite("accelerator_count")
    return [{"model": str(word), "count": count}] if word and word != _UNSPECIFIED and count else []


def _deployed(*path: str | int) -> dict[str, Getter]:
    """Getters for replicas of one machine; without a maximum there are as many as the minimum."""
    machine = (*path, "machine_spec", 0)

    def described(read: Callable[[Item], Any], default: Any) -> Getter:
        return lambda item: read(item.item(*machine)) if _has(item, machine) else default

    def replicas(key: str) -> Getter:
        def getter(item: Item) -> int:
            fewest = item.setting(*path, "min_replica_count", default=1)
            return int(item.setting(*path, key, default=fewest) or fewest)

        return getter

    return {
        "machine_type": described(lambda spec: str(spec.setting("machine_type", default="")), ""),
        "accelerators": described(_accelerators, []),
        "minimum": replicas("min_replica_count"),
        "maximum": replicas("max_replica_count"),
        "spot": lambda item: bool(_has(item, path) and item.setting(*path, "spot", default=False)),
        "reserved": described(_NAMES_RESERVATION, default=False),
        "log_regions": none,
    }


def _has(item: Item, path: Path) -> bool:
    """Whether somebody wrote the block; the provider chooses the machines of a model otherwise."""
    if item.left_unset(str(path[0])):
        raise UnknownRead(Unknown("the provider chooses its machines", str(path[0])))
    return bool(item.get(*path))


_MODELS = "deployed_models"


def _serving(name: str, nothing: Any) -> Getter:
    """Of the model that was deployed on an endpoint since, which the provider shows; Terraform itself deploys none."""
    read = _deployed(_MODELS, 0, "dedicated_resources", 0)[name]

    def getter(endpoint: Item) -> Any:
        models = [] if endpoint.left_unset(_MODELS) else endpoint.blocks(_MODELS)
        if len(models) > 1:
            raise UnknownRead(Unknown("several models are deployed on it", _MODELS))
        return read(endpoint) if models else nothing

    return getter


def _logged(endpoint: Item) -> list[Any]:
    """Where the requests to an endpoint, and its answers, are written."""
    if endpoint.left_unset(_LOGGING[0]) or not endpoint.get(*_LOGGING, "enabled"):
        return []
    path = (*_LOGGING, "bigquery_destination", 0, "output_uri")
    found = [one["region"] for one in table(endpoint, *path)]
    endpoint.cite(*path)
    return found


def _template(runtime: Item) -> Item:
    found = runtime.target("notebook_runtime_template_ref", 0, "notebook_runtime_template", kinds=_TEMPLATES)
    if found is None:
        raise UnknownRead(Unknown("it names no template", "notebook_runtime_template_ref"))
    return found


def _of_template(read: Callable[[Item], Any], default: Any) -> Getter:
    def getter(runtime: Item) -> Any:
        template = _template(runtime)
        if template.left_unset("machine_spec") or not template.get("machine_spec"):
            return default
        return read(template.item("machine_spec", 0))

    return getter


def _runtime_stops(runtime: Item) -> bool:
    """Runtimes are shut down when they are idle unless the timeout is zero."""
    template = _template(runtime)
    if template.left_unset("idle_shutdown_config") or not template.get("idle_shutdown_config"):
        return True
    return str(template.setting("idle_shutdown_config", 0, "idle_timeout", default="10800s")) not in {"0s", "0"}


GETTERS: dict[str, dict[str, Getter]] = {
    "google_vertex_ai_endpoint": {
        "machine_type": _serving("machine_type", ""),
        "accelerators": _serving("accelerators", []),
        "minimum": _serving("minimum", 0),
        "maximum": _serving("maximum", 0),
        "spot": _serving("spot", nothing=False),
        "reserved": _serving("reserved", nothing=False),
        "log_regions": _logged,
    },
    "google_vertex_ai_endpoint_with_model_garden_deployment": _deployed("deploy_config", 0, "dedicated_resources", 0),
    "google_vertex_ai_deployment_resource_pool": _deployed("dedicated_resources", 0),
    "google_colab_runtime": {
        "machine_type": _of_template(lambda spec: str(spec.setting("machine_type", default="")), ""),
        "accelerators": _of_template(_accelerators, []),
        "minimum": always(1),
        "maximum": always(1),
        "spot": no,
        "reserved": no,
        "idle_shutdown": _runtime_stops,
    },
}
