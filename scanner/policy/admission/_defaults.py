"""What the API server fills into an object before it asks a policy.

An expression such as `object.spec.replicas <= 5` never fails in a cluster for want of `replicas`, because a Deployment
without it has one. Source: the defaults in the Kubernetes API reference. Left out are those that depend on a cluster's
settings or come from webhooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanner.policy.admission._kinds import group_of

Object = Mapping[str, Any]

_POD: Object = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "terminationGracePeriodSeconds": 30,
    "schedulerName": "default-scheduler",
    "enableServiceLinks": True,
    "securityContext": {},
}
_CONTAINER: Object = {
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "resources": {},
}
_ROLLING: Object = {"type": "RollingUpdate"}
_QUARTERS: Object = {"maxUnavailable": "25%", "maxSurge": "25%"}
_SPECS: Mapping[str, Object] = {
    "apps/Deployment": {
        "replicas": 1,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": _QUARTERS},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    },
    "apps/StatefulSet": {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "updateStrategy": _ROLLING,
        "revisionHistoryLimit": 10,
    },
    "apps/DaemonSet": {"updateStrategy": _ROLLING, "revisionHistoryLimit": 10},
    "apps/ReplicaSet": {"replicas": 1},
    "/ReplicationController": {"replicas": 1},
    "batch/Job": {"parallelism": 1, "backoffLimit": 6, "suspend": False, "completionMode": "NonIndexed"},
    "batch/CronJob": {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    "autoscaling/HorizontalPodAutoscaler": {"minReplicas": 1},
    "/Service": {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"},
    "/PersistentVolumeClaim": {"volumeMode": "Filesystem"},
    "/PersistentVolume": {"volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Retain"},
}
_WHOLE: Mapping[str, Object] = {
    "/Secret": {"type": "Opaque"},
    "storage.k8s.io/StorageClass": {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
}
"""Defaults beside `spec`."""
_TEMPLATE = ("spec", "template", "spec")
_PODS: Mapping[str, tuple[str, ...]] = {
    "/Pod": ("spec",),
    "/ReplicationController": _TEMPLATE,
    "apps/Deployment": _TEMPLATE,
    "apps/StatefulSet": _TEMPLATE,
    "apps/DaemonSet": _TEMPLATE,
    "apps/ReplicaSet": _TEMPLATE,
    "batch/Job": _TEMPLATE,
    "batch/CronJob": ("spec", "jobTemplate", *_TEMPLATE),
}
"""Where a kind keeps its pods' spec."""


def completed(body: Object) -> Object:
    """A copy with defaults filled in; what is written stays the very same value."""
    known = f"{group_of(body)}/{body.get('kind')}"
    result = _filled(body, _WHOLE.get(known, {}))
    if known == "/Pod":
        result = _changed(result, ("spec",), lambda spec: _each_container(spec, _requesting))
    if known in _SPECS:
        result = _changed(result, ("spec",), lambda spec: _filled(spec, _SPECS[known]))
    if known == "/Service":
        result = _changed(result, ("spec",), _with_protocols)
    return _changed(result, _PODS[known], _pod) if known in _PODS else result


def _pod(spec: Object) -> Object:
    return _each_container(_filled(spec, _POD), _container)


def _each_container(spec: Object, change: Callable[[Object], Object]) -> Object:
    lists = {name: spec.get(name) for name in ("containers", "initContainers")}
    changed = {
        name: [change(one) if isinstance(one, dict) else one for one in containers]
        for name, containers in lists.items()
        if isinstance(containers, list)
    }
    return {**spec, **changed}


def _requesting(container: Object) -> Object:
    """A pod by itself requests what it is limited to; the pods of a workload do so when they are made."""
    return _changed(container, ("resources",), _with_requests)


def _with_requests(resources: Object) -> Object:
    limits, requests = resources.get("limits"), resources.get("requests") or {}
    if not isinstance(limits, dict) or not isinstance(requests, dict):
        return resources
    return {**resources, "requests": {**limits, **requests}}


def _container(container: Object) -> Object:
    image = container.get("image")
    result = _with_protocols(_filled(container, _CONTAINER))
    if not isinstance(image, str):
        return result
    name, digest, _ = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    pulled = "Always" if tag == "latest" or not (tag or digest) else "IfNotPresent"
    return _filled(result, {"imagePullPolicy": pulled})


def _with_protocols(owner: Object) -> Object:
    """The ports of a container or a service."""
    ports = owner.get("ports")
    if not isinstance(ports, list):
        return owner
    return {**owner, "ports": [_filled(one, {"protocol": "TCP"}) if isinstance(one, dict) else one for one in ports]}


def _filled(value: Object, defaults: Object) -> Object:
    """A default counts for what is absent or null."""
    written = {key: entry for key, entry in value.items() if entry is not None or key not in defaults}
    return {**defaults, **written}


def _changed(value: Object, path: tuple[str, ...], change: Callable[[Object], Object]) -> Object:
    if not path:
        return change(value)
    inner = value.get(path[0])
    return {**value, path[0]: _changed(inner, path[1:], change)} if isinstance(inner, dict) else value
