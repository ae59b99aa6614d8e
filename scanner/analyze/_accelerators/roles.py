"""What machines with accelerators are for, where their tags or the labels of their nodes say so.

A role is what people wrote down, never a guess from the machine. Tags and labels that are not known yet may say one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from scanner.analyze._guard import guarded
from scanner.bodies import at
from scanner.model import Path, Resource, Unknown

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

NODE_LABELS: tuple[Path, ...] = (
    ("labels",),
    ("node_labels",),
    ("node_config", 0, "labels"),
    ("resource", "data", "config", "labels"),
    ("DescribeNodegroup", "labels"),
)
"""Where node pools keep the labels of their nodes: AWS, Azure, Google, Google's asset inventory, AWS's API."""


def role_of(resource: Resource) -> Any:
    """`training`, `serving`, `notebook`; `general` where nothing says what the machines are for; may be `Unknown`."""
    if resource.type in OF_TYPE:
        return OF_TYPE[resource.type]
    said = [word for labels in _labels(resource) for word in _words(labels)]
    known = next((word for word in said if isinstance(word, str)), "general")
    open_words = (word for word in said if isinstance(word, Unknown))
    return known if known != "general" else next(open_words, known)


def _labels(resource: Resource) -> Iterator[Any]:
    yield resource.tags
    for path in NODE_LABELS:
        labels = guarded(partial(at, resource.native, *path))
        # Azure fills in labels of its own, which is known only after apply; nobody wrote these.
        if not isinstance(labels, Unknown) or not resource.references or _is_written(resource, path):
            yield labels


def _is_written(resource: Resource, path: Path) -> bool:
    """Whether the configuration sets the value, or the block around it."""
    return any(path[:end] in resource.references for end in range(1, len(path) + 1))


def _words(labels: Any) -> Iterator[str | Unknown]:
    """The words for roles in labels; what is not known of them may be one."""
    if isinstance(labels, Unknown):
        yield labels
    for key, value in labels.items() if isinstance(labels, Mapping) else ():
        if key.rpartition("/")[2].lower() in KEYS:
            if isinstance(value, Unknown):
                yield value
            elif isinstance(value, str) and value.lower() in WORDS:
                yield WORDS[value.lower()]
