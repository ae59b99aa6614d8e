"""One AWS account as the SDK's own environment opens it: who asks, in which regions, and what answers mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from scanner.errors import HOSTILE_SHAPE, UsageError
from scanner.load._aws.clients import Clients, ForeignAnswer, is_foreign, no_region
from scanner.load._aws.identity import identity, signed_out, word
from scanner.load._aws.table import Call, Kind, Setting
from scanner.load._aws.troubles import Troubles
from scanner.model import Unknown

_ALL = "all"

_DENIED = ("AccessDenied", "Unauthorized", "AuthorizationError", "Forbidden", "NotAuthorized", "403")
"""What the codes begin with by which services say that a permission is missing."""


_NO_SUCH_HOST = frozenset({-2, -5, 7, 8, 11001, 11004})
"""How Linux, macOS and Windows number the answers of the name service that there is no such name, or no address of it.

That it could not be asked (EAI_AGAIN) is none of them.
"""

_NOT_THERE = ("NotFound", "NonExistent", "DoesNotExist", "NoSuchBucket")
"""What the codes have in them by which services say that the thing asked about is not there ..."""
_OF_OTHERS = ("Role", "Tag")
"""... unless they speak of something else, as `ServiceLinkedRoleNotFoundFault` does."""


class Gone(Unknown):
    """The answer about a thing that is not there any more."""


class Account:
    """Calls the services of one account, and says of every answer that did not come why it did not."""

    def __init__(self, regions: Sequence[str], troubles: Troubles) -> None:
        self._clients = Clients()
        self._troubles = troubles
        named = tuple(dict.fromkeys(one for one in regions if one != _ALL)) or (self._clients.home,)
        if not named[0]:
            raise UsageError("No AWS region is chosen.", "Give --region eu-west-1 (repeatable), or set AWS_REGION.")
        for region in named:
            self._clients.require(region)
        who = identity(self._clients, named[0])
        self.id, self.partition = who.account, who.partition
        self.base = who.region
        """Where what belongs to no region is asked for: one that knows this sign-in."""
        self._require(named)
        self.regions = self._enabled() if _ALL in regions else named

    def call(self, service: str, region: str, operation: str, spec: Call | Setting | Kind, known: Any) -> Any:
        """The whole answer, all pages of it; None where there is none, `Unknown` where it was refused.

        `Gone` where what is asked about is not there any more.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # an extra, and slow to import
        from botocore.parsers import ResponseParserError  # noqa: PLC0415  # likewise

        try:
            return self._ask(self._clients.of(service, region), operation, known)
        except ClientError as error:
            code = word(error)
            if code in getattr(spec, "absent", ()):
                return None
            if _is_gone(code) and _is_of_a_thing(spec):
                return Gone(f"{operation}: it is not there any more", operation)
            grant = spec.grant or f"{self._clients.prefix(service, region)}:{operation}"
            return self.refused(code, operation, grant, region)
        except (BotoCoreError, ResponseParserError, ForeignAnswer, *HOSTILE_SHAPE) as error:
            return self._unanswered(service, region, operation, error)

    def gone(self, region: str, kind: str) -> None:
        """A thing was listed, and was not there any more when its details were asked for."""
        self._troubles.gone(region, kind)

    def unusable(self, region: str, what: str, error: Exception) -> Unknown:
        """An answer came that is not as the service's model has it."""
        lacking = f"an entry without {error.args[0]}" if isinstance(error, KeyError) else type(error).__name__
        return self._troubles.failed(region, what, lacking)

    def refused(self, code: str, operation: str, grant: str, region: str) -> Unknown:
        """What a service does not tell, by the code of its error."""
        if signed_out(code):
            return self._troubles.signed_out(region, operation, code)
        if any(word in code for word in _DENIED):
            return self._troubles.denied(region, operation, grant)
        return self._troubles.failed(region, grant, code)

    def _unanswered(self, service: str, region: str, operation: str, error: Exception) -> Any:
        """Only a host that has no name is a service that is not there; one that does not answer may be another day."""
        if _has_no_name(error) and not self._clients.offered(service, region):
            self._troubles.missing(region, service)
            return {}
        if _is_sign_in(error):
            return self._troubles.signed_out(region, operation, word(error))
        what = "what answers is not AWS" if is_foreign(error) else word(error)
        return self._troubles.failed(region, f"{service}:{operation}", what)

    def _ask(self, client: Any, operation: str, params: Mapping[str, Any]) -> Any:
        method = _method(operation)
        if client.can_paginate(method):
            answer = client.get_paginator(method).paginate(**params).build_full_result()
        else:
            answer = getattr(client, method)(**params)
        return plain({key: value for key, value in answer.items() if key != "ResponseMetadata"})

    def _require(self, regions: Sequence[str]) -> None:
        """A name may have the form of a region and be none; the account knows regions that are newer than the SDK."""
        new = [one for one in regions if not self._clients.known(one)]
        there = self._described({"AllRegions": True}) if new else ()
        for region in new:
            if isinstance(there, Unknown) or region not in there:
                raise no_region(region)

    def _enabled(self) -> tuple[str, ...]:
        """Every region that the account has switched on."""
        there = self._described({})
        if isinstance(there, Unknown):
            raise UsageError(f"The account's regions are not known: {there.reason}.", "Name each with --region.")
        return there

    def _described(self, params: Mapping[str, Any]) -> tuple[str, ...] | Unknown:
        asked = self.call("ec2", self.base, "DescribeRegions", Call(), params)
        if isinstance(asked, Unknown):
            return asked
        return tuple(sorted(str(one["RegionName"]) for one in asked.get("Regions") or ()))


def plain(value: Any) -> Any:
    """An answer as JSON would have it: times as text."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _is_gone(code: str) -> bool:
    return any(word in code for word in _NOT_THERE) and not any(word in code for word in _OF_OTHERS)


@cache
def _method(operation: str) -> str:
    """What the SDK calls an operation."""
    from botocore import xform_name  # noqa: PLC0415  # likewise

    return str(xform_name(operation))


def _is_of_a_thing(spec: Call | Setting | Kind) -> bool:
    """Whether it is asked about one thing, which may be gone; what is asked about all of an account never is."""
    return isinstance(spec, Call) or (isinstance(spec, Kind) and bool(spec.parent))


def _has_no_name(error: Any) -> bool:
    """Whether the name service says for sure that there is no such host."""
    cause = getattr(error, "kwargs", {}).get("error")
    reason = getattr(cause, "__cause__", None) or getattr(cause, "__context__", None)
    return type(reason).__name__ == "gaierror" and getattr(reason, "errno", 0) in _NO_SUCH_HOST


def _is_sign_in(error: Exception) -> bool:
    """Whether the SDK could not renew what it signs requests with."""
    from botocore import exceptions as sdk  # noqa: PLC0415  # likewise

    names = (sdk.NoCredentialsError, sdk.CredentialRetrievalError, sdk.TokenRetrievalError, sdk.SSOError)
    return isinstance(error, (*names, sdk.MetadataRetrievalError))
