"""Where volumes and pods are, by the zones that each cloud and each of its drivers writes."""

from pathlib import Path
from typing import Any

import pytest

from tests.analyze.test_accelerators_odd_but_legal import facts, pod

OPEN = "unknown: it is in us-east1-b and us-central1-c"
VOLUME = "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {csi: {driver: d}, nodeAffinity: {required: {nodeSelectorTerms: [%s]}}}\n"


def term(label: str, *zones: str) -> str:
    return f"{{matchExpressions: [{{key: {label}, operator: In, values: [{', '.join(zones)}]}}]}}"


@pytest.mark.parametrize(
    ("terms", "name", "jurisdiction"),
    [
        ([term("topology.disk.csi.azure.com/zone", "westeurope-1")], "westeurope", "EU"),
        ([term("topology.kubernetes.io/zone", "eastus2-3")], "eastus2", "US"),
        ([term("topology.ebs.csi.aws.com/zone", "eu-west-1a")], "eu-west-1", "EU"),
        ([term("topology.gke.io/zone", "europe-west4-a", "europe-west4-b")], "europe-west4", "EU"),
        ([term("topology.gke.io/zone", "us-east1-b"), term("topology.gke.io/zone", "us-east1-c")], "us-east1", "US"),
        ([term("topology.kubernetes.io/zone", "eu-west-1a", "eu-west-1b")], "eu-west-1", "EU"),
        ([term("topology.kubernetes.io/zone", "eastus2-1", "eastus2-2")], "eastus2", "US"),
        (
            [term("topology.gke.io/zone", "us-east1-b", "us-central1-c")],
            OPEN,
            OPEN,
        ),
    ],
)
def test_volumes(tmp_path: Path, terms: list[str], name: str, jurisdiction: Any) -> None:
    found = facts(tmp_path, VOLUME % ", ".join(terms), "region")["PersistentVolume/v"]
    assert (found["name"], found["jurisdiction"]) == (name, jurisdiction)


@pytest.mark.parametrize(
    ("zone", "jurisdiction"), [("westeurope-2", "EU"), ("uksouth-1", "GB"), ("0", "unknown: region '0' is not in govscan's table")]
)  # fmt: skip
def test_pods_in_zones_of_azure(tmp_path: Path, zone: str, jurisdiction: str) -> None:
    chosen = f"nodeSelector: {{topology.kubernetes.io/zone: '{zone}'}}, containers: [{{name: c}}]"
    assert facts(tmp_path, pod(chosen), "region")["a/Pod/p"]["jurisdiction"] == jurisdiction
