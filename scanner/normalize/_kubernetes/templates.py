"""A pod template: one kind of pod that a workload runs, how often, and where it is written."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from scanner.bodies import at, mapping
from scanner.model import Path, Unknown
from scanner.normalize._kubernetes.shapes import Object, annotations_of, labels_of


class PodTemplate(Struct, frozen=True):
    """One kind of pod that a workload runs."""

    path: Path
    """From the object to the pod's `spec`."""
    spec: Object
    labels: dict[str, Any]
    annotations: dict[str, Any]
    replicas: Any = 1
    minimum: Any = 1
    maximum: Any = 1
    each: int = 1
    """Pods of it for each replica that an autoscaler of the object adds; 0 where it adds none."""

    def times(self, factor: int) -> PodTemplate:
        """The same pods, `factor` times as many."""
        counts = (self.replicas, self.minimum, self.maximum)
        replicas, minimum, maximum = (n if isinstance(n, Unknown) else n * factor for n in counts)
        return replace(self, replicas=replicas, minimum=minimum, maximum=maximum, each=self.each * factor)

    def as_attribute(self) -> dict[str, Any]:
        """As types.yaml promises it to policies and facts."""
        return {
            "path": list(self.path),
            "replicas": self.replicas,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "labels": self.labels,
            "annotations": self.annotations,
            "spec": self.spec,
        }


def template_at(body: Object, *path: str | int) -> PodTemplate:
    """The pod template (something with `metadata` and `spec`) under a path."""
    template = at(body, *path)
    return PodTemplate((*path, "spec"), mapping(at(template, "spec")), labels_of(template), annotations_of(template))


def fixed(template: PodTemplate, count: Any) -> PodTemplate:
    """The template with a number of replicas that only people change."""
    return replace(template, replicas=count, minimum=count, maximum=count)
