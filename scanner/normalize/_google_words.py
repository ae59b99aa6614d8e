"""What Google's Terraform provider and Google's APIs count and name in the same way."""

from __future__ import annotations

import math

from scanner.model import Unknown, UnknownRead
from scanner.patterns import regex

_ZONE = regex(r"-[a-z]$")
_ZONES_OF_A_REGION = 3
"""How many zones a regional cluster takes when nobody chooses them.

https://cloud.google.com/kubernetes-engine/docs/concepts/regional-clusters
"""

_CORES_PER_CHIP = {"v2": 2, "v3": 2, "v4": 2, "v5p": 2}
"""TPU generations whose accelerator type counts cores; the others count chips.

https://cloud.google.com/tpu/docs/supported-tpu-configurations
"""
_WORDS = {"V5LITE_POD": "v5litepod"}

SQL_TLS = {
    "ENCRYPTED_ONLY": True,
    "TRUSTED_CLIENT_CERTIFICATE_REQUIRED": True,
    "ALLOW_UNENCRYPTED_AND_ENCRYPTED": False,
}
"""Cloud SQL's `ssl_mode`: whether connections without TLS are refused."""

GKE_ENCRYPTS = frozenset({"ENCRYPTED", "ALL_OBJECTS_ENCRYPTION_ENABLED"})
"""States in which a cluster encrypts its secrets with the customer's key: them alone, or everything that it keeps."""

AWAITED = frozenset({"FLEX_START", "RESERVATION_BOUND"})
"""Provisioning models of machines that start when there is room, or run as long as their reservation does.

https://cloud.google.com/compute/docs/instances/provisioning-models
"""


def last_part(link: object) -> str:
    """The name at the end of a self link or resource path."""
    return str(link).rpartition("/")[2]


def zones_of(place: str) -> int:
    """In how many zones a cluster runs its nodes if nobody chose them."""
    return 1 if _ZONE.search(place) else _ZONES_OF_A_REGION


def tpu_type(generation: str, topology: str) -> str:
    """`V4` and `2x2x2` as `v4-16`, the accelerator type of the same slice."""
    word = _WORDS.get(generation, generation.lower())
    chips = math.prod(int(side) for side in topology.lower().split("x"))
    return f"{word}-{chips * _CORES_PER_CHIP.get(word, 1)}"


def sql_engine(version: object) -> str:
    """`POSTGRES_15` as `postgres`."""
    return str(version or "").partition("_")[0].lower()


_NEAREST = {"europe": "eu", "us": "us", "northamerica": "us", "asia": "asia", "australia": "asia"}
"""How the names of regions begin, and the multi-region that is nearest to them."""


def sql_backup_region(place: str) -> str:
    """Where Cloud SQL keeps backups if nobody says: the multi-region nearest to it, for Australia that of Asia.

    https://cloud.google.com/sql/docs/postgres/backup-recovery/backups#backup-location
    """
    nearest = _NEAREST.get(place.partition("-")[0])
    if nearest is None:
        raise UnknownRead(Unknown("Cloud SQL chooses the multi-region nearest to the instance for its backups"))
    return nearest
