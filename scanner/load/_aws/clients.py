"""The SDK's clients for AWS, opened by the SDK's own environment, and what it knows of regions.

Whatever the SDK cannot use of that environment is told in a sentence: nobody who has a typo in a profile should have
to read of a mistake in govscan.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scanner.errors import HOSTILE_SHAPE, UsageError
from scanner.patterns import regex

WORKERS = 16
"""Requests at once: what one SDK client keeps connections for, and far below the services' limits."""

_SECONDS = {"connect_timeout": 10, "read_timeout": 30}
_SIGN_IN_SECONDS = {"connect_timeout": 5, "read_timeout": 10}
"""Who asks is the first question, and nothing is printed before it is answered."""

_ATTEMPTS, _FEW = 8, 2
_PATIENCE = 3
"""Attempts at one question in vain, after which whoever waits is told why."""

_LOG = logging.getLogger("govscan")
_MAIN = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Regions that cannot be switched off: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html"""

_ACCOUNT_HOST = regex(r"//\d{12}\.")


class ForeignAnswer(Exception):  # noqa: N818  # of somebody else, which is no error there
    """Something answered that is not AWS, such as the sign-in page of a network."""


class Clients:
    """One client for each service and region, made when it is first asked for."""

    def __init__(self) -> None:
        import boto3  # noqa: PLC0415  # an extra, and slow to import

        with opening():
            self._session = boto3.Session()
            self.home = os.environ.get("AWS_REGION") or self._session.region_name or ""
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        self._patient = True

    def of(self, service: str, region: str) -> Any:
        """The client; raises what the SDK does where its environment cannot be used."""
        with self._lock:  # making clients is not safe in threads; using them is
            key = (service, region)
            if key not in self._made:
                self._made[key] = self._make(service, region)
            return self._made[key]

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415  # likewise

        seconds = _SIGN_IN_SECONDS if service == "sts" else _SECONDS
        config = Config(
            retries=self._retries(service, region),
            max_pool_connections=WORKERS,
            user_agent_extra="govscan",
            **seconds,
        )
        client = self._session.client(service, region_name=region, config=config)
        client.meta.events.register("after-call", _require_amazon)
        client.meta.events.register("needs-retry", self._waits)
        if any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ):
            client.meta.events.register("before-send.s3-control", _at_stand_in)
        return client

    def _retries(self, service: str, region: str) -> Any:
        if any(name in os.environ for name in ("AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS")):
            return None
        # Where a service is not offered, nobody answers however often one asks.
        few = service == "sts" or not self.offered(service, region)
        return {"mode": "adaptive", "max_attempts": _FEW if few else _ATTEMPTS}

    def _waits(self, attempts: int, **_: Any) -> None:
        """Says once that AWS is slow: eight attempts at everything take minutes in which nothing else is printed."""
        if attempts < _PATIENCE:
            return
        with self._lock:
            patient, self._patient = self._patient, False
        if patient:
            _LOG.warning("govscan: AWS is slow to answer, or asks to go slower; still trying")

    def require(self, region: str) -> None:
        """Raises `UsageError` for what no region can be called."""
        from botocore.exceptions import UnknownRegionError  # noqa: PLC0415  # likewise

        try:
            self._session.get_partition_for_region(region)
        except UnknownRegionError:
            raise no_region(region) from None

    def known(self, region: str) -> bool:
        """Whether the SDK has heard of a region; it knows a name by its form, too."""
        return region in self._available("ec2", region)

    def offered(self, service: str, region: str) -> bool:
        """Whether a service is there in a region, as far as the SDK knows; it knows little of some services."""
        found = self._available(service, region)
        return not found or region in found

    def main(self, region: str) -> str:
        """The region of the same partition that every account has; in a partition that we do not know, the region."""
        return _MAIN.get(self._session.get_partition_for_region(region), region)

    def prefix(self, service: str, region: str) -> str:
        """What permissions of a service begin with: the name that its requests are signed for."""
        return str(self.of(service, region).meta.service_model.signing_name)

    def _available(self, service: str, region: str) -> list[str]:
        return list(self._session.get_available_regions(service, self._session.get_partition_for_region(region)))


@contextmanager
def opening() -> Iterator[None]:
    """Tells what the SDK cannot use of its environment: a profile that is not there, a file that is none."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415  # likewise

    try:
        yield
    except (BotoCoreError, *HOSTILE_SHAPE) as error:
        raise UsageError(
            f"The SDK of AWS cannot use its settings ({type(error).__name__}).",
            "Look at AWS_PROFILE and the other AWS_ variables, and at ~/.aws/config; "
            "`aws sts get-caller-identity` must work.",
        ) from None


def is_foreign(error: Exception) -> bool:
    """Whether what came is no answer of the service: parsed as one, it lacks what every answer has."""
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  # likewise

    return isinstance(error, (ForeignAnswer, ResponseParserError, LookupError))


def no_region(region: str) -> UsageError:
    """What to say of a region that is none."""
    return UsageError(f"'{region}' is no region of AWS.", "Regions are called as eu-west-1 is.")


def _require_amazon(http_response: Any, parsed: Any, **_: Any) -> None:
    """Every answer of AWS has a number of its request, by which its support finds it; a page of a proxy has none.

    Without this a page in place of JSON would be read as an answer that lists nothing.
    https://docs.aws.amazon.com/boto3/latest/guide/error-handling.html#discerning-useful-information-from-error-responses
    """
    if http_response.status_code < 300 and not parsed.get("ResponseMetadata", {}).get("RequestId"):  # noqa: PLR2004
        raise ForeignAnswer


def _at_stand_in(request: Any, **_: Any) -> None:
    """What stands in for AWS has one host name; AWS itself wants the account's number in front of it."""
    request.url = _ACCOUNT_HOST.sub("//", request.url, count=1)
