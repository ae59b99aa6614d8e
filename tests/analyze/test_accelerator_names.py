"""Machine types, TPU types and the words for a model: rows from the providers' documentation, and hostile text."""

import gzip
import json
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
import ryaml
from hypothesis import given
from hypothesis import strategies as st

from scanner.analyze._accelerators.names import chips_in, family_model, kind, machine, model
from scanner.model import UnknownRead


@pytest.mark.parametrize(
    ("machine_type", "count", "expected"),
    [
        ("p4d.24xlarge", 8, "nvidia-a100"),
        ("p4de.24xlarge", 8, "nvidia-a100-80gb"),
        ("p5.4xlarge", 1, "nvidia-h100"),
        ("p5en.48xlarge", 8, "nvidia-h200"),
        ("p6-b200.48xlarge", 8, "nvidia-b200"),
        ("ml.p4d.24xlarge", 8, "nvidia-a100"),
        ("g4dn.12xlarge", 4, "nvidia-t4"),
        ("g4ad.16xlarge", 4, "amd-v520"),
        ("g5.24xlarge", 4, "nvidia-a10g"),
        ("g6e.48xlarge", 8, "nvidia-l40s"),
        ("g6f.large", 1, "nvidia-l4"),
        ("inf1.24xlarge", 16, "aws-inferentia"),
        ("inf2.48xlarge", 12, "aws-inferentia2"),
        ("trn1.32xlarge", 16, "aws-trainium"),
        ("trn2.48xlarge", 16, "aws-trainium2"),
        ("dl1.24xlarge", 8, "intel-gaudi"),
        ("a2-ultragpu-4g", 4, "nvidia-a100-80gb"),
        ("a2-megagpu-16g", 16, "nvidia-a100"),
        ("a3-highgpu-8g", 8, "nvidia-h100"),
        ("a3-ultragpu-8g", 8, "nvidia-h200"),
        ("a4x-maxgpu-4g-metal", 4, "nvidia-gb300"),
        ("g2-standard-24", 2, "nvidia-l4"),
        ("g2-standard-32", 1, "nvidia-l4"),
        ("g4-standard-384", 8, "nvidia-rtx-pro-6000"),
        ("ct5lp-hightpu-8t", 8, "tpu-v5e"),
        ("ct6e-standard-4t", 4, "tpu-v6e"),
        ("tpu7x-standard-4t", 4, "tpu-7x"),
        ("projects/p/zones/us-central1-a/machineTypes/g2-standard-48", 4, "nvidia-l4"),
        ("Standard_NC24ads_A100_v4", 1, "nvidia-a100-80gb"),
        ("Standard_ND96isr_H100_v5", 8, "nvidia-h100"),
        ("STANDARD_NC64AS_T4_V3", 4, "nvidia-t4"),
        ("Standard_NV12ads_A10_v5", 1, "nvidia-a10"),
        ("v2-8", 4, "tpu-v2"),
        ("v3-32", 16, "tpu-v3"),
        ("v4-32", 16, "tpu-v4"),
        ("v5p-128", 64, "tpu-v5p"),
        ("v5litepod-16", 16, "tpu-v5e"),
        ("v6e-8", 8, "tpu-v6e"),
    ],
)
def test_a_machine_type_brings_its_accelerators(machine_type: str, count: int, expected: str) -> None:
    found = machine(machine_type)
    assert (found.count, found.model) == (count, expected)


@pytest.mark.parametrize(
    "machine_type",
    ["", "m5.large", "vt1.3xlarge", "f1.2xlarge", "n1-standard-4", "custom-4-8192", "Standard_NP10s", "trace.small"],
)
def test_other_machine_types_have_none(machine_type: str) -> None:
    assert machine(machine_type).count == 0


@pytest.mark.parametrize(
    "machine_type",
    ["p9.48xlarge", "g99.large", "trn3.48xlarge", "a9-highgpu-8g", "Standard_ND96_X900_v9", "v9x-8", "v4-7"],
)
def test_a_machine_that_must_have_some_is_unknown_when_no_table_has_it(machine_type: str) -> None:
    with pytest.raises(UnknownRead, match=machine_type.lower()):
        machine(machine_type)


@given(st.sampled_from(["v2", "v3", "v4", "v5p"]), st.integers(1, 4096))
def test_older_tpu_types_count_cores_two_on_a_chip(version: str, chips: int) -> None:
    assert machine(f"{version}-{chips * 2}").count == chips


@given(st.lists(st.integers(1, 64), min_size=2, max_size=3))
def test_the_chips_of_a_topology_are_its_sides_multiplied(sides: list[int]) -> None:
    chips = 1
    for side in sides:
        chips *= side
    assert chips_in("x".join(map(str, sides))) == chips


@given(st.text(alphabet="x0123456789 -", max_size=12))
def test_any_text_is_a_topology_or_unknown(text: str) -> None:
    with suppress(UnknownRead):
        assert chips_in(text) > 0


@given(st.text(max_size=30))
def test_any_text_is_a_machine_type_or_unknown_and_has_a_model(text: str) -> None:
    assert isinstance(model(text), str)
    try:
        found = machine(text)
    except UnknownRead:
        return
    assert bool(found.count) is bool(found.model)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("nvidia-tesla-t4", "nvidia-t4"),
        ("nvidia-tesla-p4-vws", "nvidia-p4"),
        ("nvidia-h100-80gb", "nvidia-h100"),
        ("nvidia-h100-mega-80gb", "nvidia-h100"),
        ("nvidia-h200-141gb", "nvidia-h200"),
        ("nvidia-tesla-a100", "nvidia-a100"),
        ("nvidia-a100-80gb", "nvidia-a100-80gb"),
        ("NVIDIA-A100-SXM4-80GB", "nvidia-a100-80gb"),
        ("NVIDIA-A100-SXM4-40GB", "nvidia-a100"),
        ("NVIDIA-H100-80GB-HBM3", "nvidia-h100"),
        ("Tesla-V100-SXM2-16GB", "nvidia-v100"),
        ("a10g", "nvidia-a10g"),
        ("projects/p/zones/us-central1-a/acceleratorTypes/nvidia-l4", "nvidia-l4"),
        ("nvidia-rtx-pro-6000-vws", "nvidia-rtx-pro-6000"),
        ("tpu-v5-lite-podslice", "tpu-v5e"),
        ("tpu-v5p-slice", "tpu-v5p"),
        ("trainium2", "aws-trainium2"),
        ("NVIDIA-GeForce-RTX-4090", "nvidia-geforce-rtx-4090"),
    ],
)
def test_one_accelerator_has_one_name(word: str, expected: str) -> None:
    assert model(word) == expected


def test_kinds_and_families() -> None:
    assert [kind(name) for name in ("nvidia-h100", "amd-mi300x", "tpu-v5e", "aws-trainium2", "intel-gaudi", "")] == [
        "gpu",
        "gpu",
        "tpu",
        "neuron",
        "gaudi",
        "",
    ]
    assert family_model("g5") == "nvidia-a10g"
    assert family_model("m5") == ""


def test_every_machine_type_in_the_table_is_written_as_it_is_looked_up(root: Path) -> None:
    table = ryaml.loads((root / "scanner/analyze/_accelerators/accelerators.yaml").read_text())
    names = [name for machines in table["machines"].values() for name in machines]
    assert len(names) == len(set(names))
    assert all(
        machine(name.upper()).count == count for found in table["machines"].values() for name, count in found.items()
    )


def test_every_accelerated_type_that_botocore_knows_is_in_the_table() -> None:
    models = sorted(model_file for folder in botocore() for model_file in folder.glob("data/ec2/*/service-2.json.gz"))
    if not models:
        pytest.skip("botocore is not installed here")
    types = json.loads(gzip.decompress(models[-1].read_bytes()))["shapes"]["InstanceType"]["enum"]
    assert sum(machine(name).count > 0 for name in types) > 80


def botocore() -> list[Path]:
    spec = find_spec("botocore")
    inside = [Path(next(iter(spec.submodule_search_locations or [])))] if spec else []
    return [*inside, *Path("/root/.pyenv/versions").glob("*/lib/python3.*/site-packages/botocore")]
