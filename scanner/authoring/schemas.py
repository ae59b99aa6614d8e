"""The published JSON Schemas, by the words people use for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scanner import config, policy, report, trial

SCHEMAS: Mapping[str, Path] = {
    "policy": policy.SCHEMA,
    "pack": policy.PACK_SCHEMA,
    "test": trial.SCHEMA,
    "config": config.SCHEMA,
    "result": report.SCHEMA,
}
