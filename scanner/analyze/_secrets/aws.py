"""Where what runs in an AWS account shows secrets in the clear, and which it keeps to itself.

What somebody reads there may have been written down, or handed in by a pipeline from Vault: the API does not say.
Neither does it show the passwords of databases and caches.
"""

from __future__ import annotations

from scanner.analyze._secrets.walk import Places, secret_places
from scanner.bodies import at, peek
from scanner.model import Resource, Unknown

_HARMLESS = frozenset({"clienttoken", "clientrequesttoken", "creationtoken"})
"""Keys, in lower case, of what a caller made up so that a request that is sent twice counts once."""

_PASSWORDS = {
    "AWS::RDS::DBInstance": ("DescribeDBInstances", "MasterUserSecret"),
    "AWS::RDS::DBCluster": ("DescribeDBClusters", "MasterUserSecret"),
    "AWS::Redshift::Cluster": ("DescribeClusters", "MasterPasswordSecretArn"),
}
"""Types with a password that is not shown, and what says that AWS keeps it in its own secret manager."""

_SET = {
    "AWS::ElastiCache::ReplicationGroup": ("DescribeReplicationGroups", "AuthTokenEnabled"),
    "AWS::OpenSearchService::Domain": ("DescribeDomain", "AdvancedSecurityOptions", "InternalUserDatabaseEnabled"),
}
"""Types that may have a password that is not shown, and what says that they have one."""

_REFUSED = (
    ("UserData",),
    ("DescribeLaunchTemplateVersions",),
    ("ListFunctions", "Environment", "Variables"),
    ("ListFunctions", "ImageConfigResponse", "ImageConfig"),
)
"""What may hold a secret in the clear, where the answer may be refused by itself."""


def aws_places(resource: Resource) -> Places:
    """Paths of what is secret, and why it is not known whether any of it was written down."""
    body = {key: value for key, value in resource.native.items() if key != "tags"}
    found = [path for path in secret_places(body) if str(path[-1]).lower() not in _HARMLESS]
    if found:
        place = ".".join(str(step) for step in found[0])
        reason = f"{place} stands in the clear in what runs, which does not say whether somebody wrote it down"
        return Places(supplied=found, hidden=Unknown(reason, place))
    return Places(hidden=_unseen(resource))


def _unseen(resource: Resource) -> Unknown | None:
    for place in _REFUSED:
        if isinstance(refused := peek(resource.native, *place), Unknown):
            return refused
    return _password(resource)


def _password(resource: Resource) -> Unknown | None:
    kept, told = _PASSWORDS.get(resource.native_type), _SET.get(resource.native_type)
    hidden = (kept and not at(resource.native, *kept)) or (told and at(resource.native, *told))
    if not hidden:
        return None
    return Unknown("AWS does not show its password, which somebody may have written down", "MasterUserPassword")
