"""The pods of Ray clusters, jobs and services: one head, and groups of workers that may grow."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from scanner.bodies import at, items, mapping
from scanner.model import Unknown
from scanner.normalize._kubernetes.shapes import Object, number
from scanner.normalize._kubernetes.templates import PodTemplate, fixed, template_at

_UNLIMITED = 2**31 - 1
"""What KubeRay's definition fills in for `maxReplicas`, and objects read from a cluster show."""


def ray_cluster(body: Object, *path: str | int) -> Iterator[PodTemplate]:
    cluster = at(body, *path)
    if at(cluster, "headGroupSpec") is not None:
        yield template_at(body, *path, "headGroupSpec", "template")
    scales = at(cluster, "enableInTreeAutoscaling") is True
    for index, group in enumerate(items(at(cluster, "workerGroupSpecs"))):
        template = template_at(body, *path, "workerGroupSpecs", index, "template")
        yield _ray_workers(template, mapping(group), scales=scales).times(number(at(group, "numOfHosts"), 1))


def _ray_workers(template: PodTemplate, group: Object, *, scales: bool) -> PodTemplate:
    """KubeRay keeps `replicas` between its bounds; the bounds themselves are only used by the autoscaler."""
    if at(group, "suspend") is True:
        return fixed(template, 0)
    least, limited = number(group.get("minReplicas"), 0), number(group.get("maxReplicas"), _UNLIMITED) != _UNLIMITED
    count = max(number(group.get("replicas"), 0), least)
    most = number(group.get("maxReplicas"), count)
    if not scales:
        return fixed(template, min(count, most))
    maximum = most if limited else Unknown("Ray scales a group without a limit where maxReplicas is not set")
    return replace(template, replicas=min(count, most), minimum=least, maximum=maximum)


def ray_job(body: Object) -> Iterator[PodTemplate]:
    if at(body, "spec", "submitterPodTemplate") is not None:
        yield template_at(body, "spec", "submitterPodTemplate")
    yield from ray_cluster(body, "spec", "rayClusterSpec")


def ray_service(body: Object) -> Iterator[PodTemplate]:
    yield from ray_cluster(body, "spec", "rayClusterConfig")
