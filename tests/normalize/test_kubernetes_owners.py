"""A dump of a cluster holds what people made and what was made of it: each accelerator counts once, whatever was dumped."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scanner.cli import cli

Object = dict[str, Any]
POD = {"containers": [{"name": "c", "resources": {"limits": {"nvidia.com/gpu": "1"}}}]}


def made(kind: str, name: str, owner: str = "", spec: Object | None = None, **labels: str) -> Object:
    """An object, `group/Kind`, with its owner as `group/Kind/name`."""
    group, kind = kind.split("/")
    metadata: Object = {"name": name, "namespace": "a", "uid": f"{kind}-{name}", "labels": labels}
    if owner:
        owner_group, owner_kind, owner_name = owner.split("/")
        version = "v1" if owner_group == "core" else f"{owner_group}/v1"
        reference = {"apiVersion": version, "kind": owner_kind, "name": owner_name, "controller": True}
        metadata["ownerReferences"] = [{**reference, "uid": f"{owner_kind}-{owner_name}"}]
    body = spec if spec is not None else {"template": {"spec": POD}, "selector": {}}
    return {"apiVersion": "v1" if group == "core" else f"{group}/v1", "kind": kind, "metadata": metadata, "spec": body}


def workloads(folder: Path, *objects: Object) -> list[str]:
    (folder / "dump.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    shown = CliRunner().invoke(cli, ["inspect", "--format", "json", str(folder / "dump.json")])
    found = (one["resource"] for one in json.loads(shown.stdout))
    return sorted(one["uid"].partition("#")[2] for one in found if one["type"] == "workload")


WEB = made("apps/Deployment", "web")
REPLICAS = made("apps/ReplicaSet", "web-5d9c7b8f6d", "apps/Deployment/web", **{"pod-template-hash": "5d9c7b8f6d"})
WEB_POD = made(
    "core/Pod", "web-5d9c7b8f6d-x", "apps/ReplicaSet/web-5d9c7b8f6d", POD, **{"pod-template-hash": "5d9c7b8f6d"}
)
KNATIVE = made("serving.knative.dev/Service", "m")
OF_REVISION = made(
    "apps/Deployment",
    "m-00001-deployment",
    "serving.knative.dev/Revision/m-00001",
    **{"serving.knative.dev/service": "m"},
)
KSERVE = made("serving.kserve.io/InferenceService", "m", spec={"predictor": POD})
OF_KSERVE = made("apps/Deployment", "m-predictor-00001-deployment", "serving.knative.dev/Revision/m-predictor-00001",
                 **{"serving.kserve.io/inferenceservice": "m", "serving.knative.dev/service": "m-predictor"})  # fmt: skip
TRAINING = made("trainer.kubeflow.org/TrainJob", "t", spec={"runtimeRef": {"name": "x"}})
OF_SET = made("batch/Job", "t-node-0", "jobset.x-k8s.io/JobSet/t", **{"jobset.sigs.k8s.io/jobset-name": "t"})
RAY = made("ray.io/RayJob", "r", spec={"rayClusterSpec": {}})
OF_RAY = made("core/Pod", "r-x-head", "ray.io/RayCluster/r-x", POD,
              **{"ray.io/originated-from-cr-name": "r", "ray.io/originated-from-crd": "RayJob"})  # fmt: skip
GROUPS = made("leaderworkerset.x-k8s.io/LeaderWorkerSet", "g", spec={})
OF_GROUPS = made("core/Pod", "g-0-1", "apps/StatefulSet/g-0", POD, **{"leaderworkerset.sigs.k8s.io/name": "g"})
ROLLOUT = made("argoproj.io/Rollout", "web")


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([WEB, REPLICAS, WEB_POD], ["a/Deployment/web"]),
        ([WEB, WEB_POD], ["a/Deployment/web"]),
        ([ROLLOUT, WEB_POD], ["a/Rollout/web"]),
        ([WEB_POD], ["a/Pod/web-5d9c7b8f6d-x"]),
        ([KNATIVE, OF_REVISION], ["a/Service/m"]),
        ([KSERVE, OF_KSERVE], ["a/InferenceService/m"]),
        ([OF_KSERVE], ["a/Deployment/m-predictor-00001-deployment"]),
        ([TRAINING, OF_SET], ["a/TrainJob/t"]),
        ([RAY, OF_RAY], ["a/RayJob/r"]),
        ([GROUPS, OF_GROUPS], ["a/LeaderWorkerSet/g"]),
    ],
)
def test_what_was_made_counts_with_its_maker_though_what_stands_between_was_not_dumped(
    tmp_path: Path, objects: list[Object], expected: list[str]
) -> None:
    assert workloads(tmp_path, *objects) == expected


def test_a_label_alone_makes_nobody_an_owner(tmp_path: Path) -> None:
    labeled = made("apps/Deployment", "mine", **{"serving.knative.dev/service": "m"})
    assert workloads(tmp_path, KNATIVE, labeled) == ["a/Deployment/mine", "a/Service/m"]


@pytest.mark.parametrize(
    "hidden",
    [
        made("apps/Deployment", "mine", "apps/Deployment/web"),
        made("core/Pod", "mine", "apps/Deployment/web", POD),
        made("ray.io/RayCluster", "mine", "batch/Job/other", {"headGroupSpec": {"template": {"spec": POD}}}),
    ],
)
def test_nobody_hides_behind_an_owner_that_makes_no_such_thing(tmp_path: Path, hidden: Object) -> None:
    found = workloads(tmp_path, WEB, made("batch/Job", "other"), hidden)
    assert f"a/{hidden['kind']}/mine" in found


def test_another_object_of_the_same_name_is_no_owner(tmp_path: Path) -> None:
    older = {**WEB, "metadata": {**WEB["metadata"], "uid": "recreated"}}
    assert workloads(tmp_path, older, REPLICAS) == ["a/Deployment/web", "a/ReplicaSet/web-5d9c7b8f6d"]
