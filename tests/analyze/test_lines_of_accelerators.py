"""A finding about accelerators stands on the line of their number, however far that is from a container."""

from pathlib import Path

import pytest

from tests.analyze.test_accelerators_odd_but_legal import counted_at

SERVICE = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: x, namespace: a}
spec:
  predictor:
    maxReplicas: 9
    model:
      modelFormat: {name: x}
      resources:
        limits:
          cpu: 1
          nvidia.com/gpu: 8 # here
"""
WORKFLOW = """
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: x, namespace: a}
spec:
  entrypoint: main
  templates:
  - name: main
    container:
      image: i
      resources:
        limits:
          nvidia.com/gpu: 8 # here
"""
SCRIPT = WORKFLOW.replace("container:", "script:")
INLINE = """
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: x, namespace: a}
spec:
  entrypoint: main
  templates:
  - name: main
    steps:
    - - name: one
        inline:
          container:
            resources:
              limits:
                nvidia.com/gpu: 8 # here
"""
TRAINING = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: x, namespace: a}
spec:
  runtimeRef: {name: torch}
  trainer:
    resourcesPerNode:
      limits:
        cpu: 1
        nvidia.com/gpu: 8 # here
---
apiVersion: trainer.kubeflow.org/v1alpha1
kind: ClusterTrainingRuntime
metadata: {name: torch}
spec: {template: {spec: {replicatedJobs: [{name: node, template: {spec: {template: {spec: {containers: [{name: node}]}}}}}]}}}
"""
SPARK = """
apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {name: x, namespace: a}
spec:
  executor:
    instances: 3
    gpu:
      name: nvidia.com/gpu
      quantity: 8 # here
"""
SHARED = """
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: &same {name: y, namespace: a}
  spec:
    template:
      spec:
        containers:
        - name: c
          resources:
            limits: &limits
              nvidia.com/gpu: 8 # here
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    <<: *same
    name: x
  spec:
    template:
      spec:
        containers:
        - name: c
          resources:
            limits: *limits
"""
WRAPPED = """
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: x, namespace: a}
spec:
  trialTemplate:
    trialSpec:
      apiVersion: batch/v1
      kind: Job
      spec:
        template:
          spec:
            containers:
            - name: c
              resources:
                limits:
                  nvidia.com/gpu: 8 # here
"""
HERE = {
    "a service of KServe": SERVICE,
    "a workflow": WORKFLOW,
    "a script": SCRIPT,
    "an inline template": INLINE,
    "a training job": TRAINING,
    "Spark": SPARK,
    "an alias": SHARED,
    "a trial": WRAPPED,
}


@pytest.mark.parametrize("text", HERE.values(), ids=list(HERE))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_of_the_number(tmp_path: Path, text: str, end: str) -> None:
    line = 1 + text.partition("# here")[0].count("\n")
    assert counted_at(tmp_path, text.replace("\n", end)) == line
