"""What machines with accelerators are for, where their tags or the labels of their nodes say so.

A role is what people wrote down, never a guess from the machine. Tags and labels that are not known yet say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.bodies import peek
from scanner.model import Resource

OF_TYPE = {"ml.training": "training", "ml.endpoint": "serving", "ml.notebook": "notebook"}
"""Canonical types that are for one thing only."""

KEYS = frozenset({"role", "workload", "workload-type", "workload_type", "purpose"})
"""Last part of the keys under which people write what machines are for."""

WORDS = {
    "training": "training",
    "train": "training",
    "trainer": "training",
    "fine-tuning": "training",
    "finetuning": "training",
    "serving": "serving",
    "inference": "serving",
    "notebook": "notebook",
    "jupyter": "notebook",
}

NODE_LABELS: tuple[tuple[str | int, ...], ...] = (
    ("labels",),
    ("node_labels",),
    ("node_config", 0, "labels"),
    ("resource", "data", "config", "labels"),
)
"""Where node pools keep the labels of their nodes: AWS, Azure, Google, and Google's asset inventory."""


def role_of(resource: Resource) -> str:
    """`training`, `serving`, `notebook`; `general` where nothing says what the machines are for."""
    if resource.type in OF_TYPE:
        return OF_TYPE[resource.type]
    said = (_word(labels) for labels in _labels(resource))
    return next((word for word in said if word), "general")


def _labels(resource: Resource) -> Iterator[Mapping[str, Any]]:
    for labels in (resource.tags, *(peek(resource.native, *path) for path in NODE_LABELS)):
        if isinstance(labels, Mapping):
            yield labels


def _word(labels: Mapping[str, Any]) -> str:
    for key, value in labels.items():
        if isinstance(value, str) and key.rpartition("/")[2].lower() in KEYS and value.lower() in WORDS:
            return WORDS[value.lower()]
    return ""
