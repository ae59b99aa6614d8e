"""What Amazon's words mean, whichever source writes them: instance types, database engines and their defaults."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.model import Unknown, UnknownRead
from scanner.patterns import regex

_SIZES = {"nano": 0.125, "micro": 0.25, "small": 0.5, "medium": 1.0, "large": 2.0, "xlarge": 4.0, "metal": 512.0}
_SIZE = regex(r"(?:metal-)?(\d*)([a-z]+)")

FORCE_SSL = {
    "postgres": "rds.force_ssl",
    "sqlserver": "rds.force_ssl",
    "neptune": "neptune_enforce_ssl",
    "docdb": "tls",
}
"""The parameter by which a server refuses clear text; `require_secure_transport` for the others."""

AMAZONS_ALIAS = "alias/aws/"
"""What the names begin with that AWS gives to its own keys; nobody else may give such a name.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
"""

_EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)

_DEFAULT_ON = {False: 15, True: 17}
"""First major version of PostgreSQL whose default parameter group sets `rds.force_ssl`, on RDS and on Aurora.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html
"""


def engine_family(name: str) -> str:
    """`aurora-postgresql` is `postgres`, `sqlserver-se` is `sqlserver`."""
    name = name.removeprefix("aurora-")
    if name.startswith("postgres"):
        return "postgres"
    return "mysql" if name == "aurora" else name.partition("-")[0]


def is_everybody(grantee: object) -> bool:
    """Whether a grant of S3 is to everybody: to all the world, or to whoever has an account of AWS.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html (what is public)
    """
    return grantee in _EVERYBODY


def is_copied(repository: str, filters: Iterable[tuple[str, str]]) -> bool:
    """Whether a rule of a registry copies a repository: any of its filters (kind and text) chooses it, or it has none.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_RepositoryFilter.html
    """
    filters = list(filters)
    strange = [kind for kind, _ in filters if kind != "PREFIX_MATCH"]
    if strange:
        raise UnknownRead(Unknown(f"whether the filter {strange[0]} chooses it", "filter_type"))
    return not filters or any(repository.startswith(text) for _, text in filters)


def is_aurora(name: str) -> bool:
    """Whether an engine is Aurora. A cluster need not be: RDS has clusters over several zones, with its own defaults.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html
    """
    return name.startswith("aurora")


def is_amazons_alias(key: object) -> bool:
    """Whether a key is named by the alias of one that AWS keeps for a service, with or without the ARN around it."""
    return str(key).rpartition(":")[2].startswith(AMAZONS_ALIAS)


def refuses_by_default(engine: str, version: str, *, aurora: bool) -> bool:
    """Whether a server refuses clear text where its parameter group says nothing."""
    if engine == "sqlserver":
        return False
    major, _, rest = version.partition(".")
    if engine == "postgres" and major.isdecimal():
        return int(major) >= _DEFAULT_ON[aurora]
    if engine == "mysql" and major.isdecimal() and (int(major), rest[:1]) < (8, "1"):
        return False
    if engine == "mysql" and aurora:
        return _aurora_refuses(version)
    if engine == "mariadb" and major == "10":
        return False
    raise UnknownRead(Unknown(f"whether {engine} refuses clear text by default depends on its version"))


def _aurora_refuses(version: str) -> bool:
    """Aurora MySQL refuses clear text from version 8.4 on. Versions up to 3 are named `8.0.mysql_aurora.3...`.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Upgrade-v3-v84-security.html
    """
    major, _, rest = version.partition(".")
    minor = rest.partition(".")[0]
    if not major.isdecimal() or not minor.isdecimal():
        raise UnknownRead(Unknown("whether it refuses clear text by default depends on its version", "engine_version"))
    return (int(major), int(minor)) >= (8, 4)


def largest(types: Iterable[str]) -> str:
    """The AWS instance type with the largest size word; of several, the first."""
    return max(types, key=machine_size)


def machine_size(instance_type: str) -> float:
    """Virtual processors that the size word of an AWS type stands for: `large` 2, `xlarge` 4, `8xlarge` 32.

    Holds for every family that has these words, but for bare metal, which counts as the largest.
    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    match = _SIZE.fullmatch(instance_type.removeprefix("ml.").partition(".")[2])
    if match is None:
        return 0.0
    return float(match[1] or 1) * _SIZES.get(match[2], 0.0)
