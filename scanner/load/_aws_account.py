"""One AWS account as the SDK's own environment opens it: who asks, in which regions, and what answers mean."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from scanner.errors import UsageError
from scanner.load._aws_table import Call, Kind, Setting
from scanner.load._aws_troubles import Troubles
from scanner.model import Unknown

WORKERS = 16
"""Requests at once: what one SDK client keeps connections for, and far below the services' limits."""

_ALL = "all"
_DENIED = ("AccessDenied", "Unauthorized", "AuthorizationError", "Forbidden", "NotAuthorized", "403")
"""What the codes begin with by which services say that a permission is missing."""


_NOT_THERE = ("NotFound", "NonExistent", "DoesNotExist", "NoSuchBucket")
"""What the codes have in them by which services say that the thing asked about is not there ..."""
_OF_OTHERS = ("Role", "Tag")
"""... unless they speak of something else, as `ServiceLinkedRoleNotFoundFault` does."""


class Gone(Unknown):
    """The answer about a thing that is not there any more."""


class Account:
    """Calls the services of one account, and says of every answer that did not come why it did not."""

    def __init__(self, regions: Sequence[str], troubles: Troubles) -> None:
        import boto3  # noqa: PLC0415  # an extra, and slow to import

        self._session = boto3.Session()
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._troubles = troubles
        home = os.environ.get("AWS_REGION") or self._session.region_name or ""
        self.home = next((one for one in regions if one != _ALL), home)
        if not self.home:
            raise UsageError("No AWS region is chosen.", "Give --region eu-west-1 (repeatable), or set AWS_REGION.")
        for region in dict.fromkeys((self.home, *(one for one in regions if one != _ALL))):
            self._require(region)
        identity = self._identity()
        self.id = str(identity["Account"])
        self.partition = str(identity["Arn"]).split(":")[1]
        self.regions = self._enabled() if _ALL in regions else tuple(dict.fromkeys(regions)) or (self.home,)

    def call(self, service: str, region: str, operation: str, spec: Call | Setting | Kind, known: Any) -> Any:
        """The whole answer, all pages of it; None where there is none, `Unknown` where it was refused.

        `Gone` where what is asked about is not there any more.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # likewise
        from botocore.parsers import ResponseParserError  # noqa: PLC0415  # likewise

        try:
            return self._ask(self._client(service, region), operation, known)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in getattr(spec, "absent", ()):
                return None
            if _is_gone(code):
                return Gone(f"{operation}: it is not there any more", operation)
            grant = spec.grant or f"{self._prefix(service, region)}:{operation}"
            return self._refused(code, operation, grant, region)
        except (BotoCoreError, ResponseParserError) as error:
            if not self._offered(service, region):
                self._troubles.missing(region, service)
                return {}
            return self._troubles.failed(region, f"{service}:{operation}", type(error).__name__)

    def gone(self, region: str, kind: str) -> None:
        """A thing was listed, and was not there any more when its details were asked for."""
        self._troubles.gone(region, kind)

    def _refused(self, code: str, operation: str, grant: str, region: str) -> Unknown:
        if any(word in code for word in _DENIED):
            return self._troubles.denied(region, operation, grant)
        return self._troubles.failed(region, grant, code)

    def _ask(self, client: Any, operation: str, params: Mapping[str, Any]) -> Any:
        method = _method(operation)
        if client.can_paginate(method):
            answer = client.get_paginator(method).paginate(**params).build_full_result()
        else:
            answer = getattr(client, method)(**params)
        return plain({key: value for key, value in answer.items() if key != "ResponseMetadata"})

    def _client(self, service: str, region: str) -> Any:
        with self._lock:  # making clients is not safe in threads; using them is
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = self._made(service, region)
            return self._clients[key]

    def _made(self, service: str, region: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415  # likewise

        chosen = any(name in os.environ for name in ("AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS"))
        # Where a service is not offered, nobody answers however often one asks.
        attempts = 8 if self._offered(service, region) else 1
        retries = None if chosen else {"mode": "adaptive", "max_attempts": attempts}
        config = Config(retries=retries, max_pool_connections=WORKERS, user_agent_extra="govscan")
        client = self._session.client(service, region_name=region, config=config)
        if any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ):
            client.meta.events.register("before-send.s3-control", self._at_stand_in)
        return client

    def _require(self, region: str) -> None:
        from botocore.exceptions import UnknownRegionError  # noqa: PLC0415  # likewise

        try:
            self._session.get_partition_for_region(region)
        except UnknownRegionError:
            raise UsageError(f"'{region}' is no region of AWS.", "Regions are called as eu-west-1 is.") from None

    def _offered(self, service: str, region: str) -> bool:
        """Whether a service is there in a region, as far as the SDK knows; it knows little of some services."""
        known = self._session.get_available_regions(service, self._session.get_partition_for_region(region))
        return not known or region in known

    def _at_stand_in(self, request: Any, **_: Any) -> None:
        """What stands in for AWS has one host name; AWS itself wants the account's number in front of it."""
        request.url = request.url.replace(f"//{self.id}.", "//", 1)

    def _prefix(self, service: str, region: str) -> str:
        """What permissions of a service begin with: the name that its requests are signed for."""
        return str(self._client(service, region).meta.service_model.signing_name)

    def _identity(self) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # likewise

        try:
            found: Mapping[str, Any] = self._client("sts", self.home).get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            raise UsageError(
                f"AWS does not say who is asking ({_word(error)}).",
                "Sign in as for the AWS CLI (AWS_PROFILE, AWS_ACCESS_KEY_ID, an instance role); "
                "`aws sts get-caller-identity` must work.",
            ) from None
        return found

    def _enabled(self) -> tuple[str, ...]:
        """Every region that the account has switched on."""
        asked = self.call("ec2", self.home, "DescribeRegions", Call(), {})
        if isinstance(asked, Unknown):
            raise UsageError(f"The account's regions are not known: {asked.reason}.", "Name each with --region.")
        return tuple(sorted(str(one["RegionName"]) for one in asked["Regions"]))


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


def _word(error: Any) -> str:
    """The service's code or the SDK's name of an error; never its text, which may quote an identity."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code") or type(error).__name__)
