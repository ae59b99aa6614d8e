"""What could not be read of an account: each reason once, however many things it was met at."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable

from scanner.load._aws.identity import ended
from scanner.model import Ledger, Unknown


class Troubles:
    """Counts what was refused, from any thread, and tells it in one order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._denied: Counter[tuple[str, str]] = Counter()
        self._failed: Counter[tuple[str, str, str]] = Counter()
        self._missing: set[tuple[str, str]] = set()
        self._gone: Counter[tuple[str, str]] = Counter()
        self._signed_out: dict[str, Counter[str]] = {}

    def denied(self, region: str, operation: str, grant: str) -> Unknown:
        """Somebody may not ask; the value is unknown for that reason."""
        with self._lock:
            self._denied[region, grant] += 1
        return Unknown(f"access denied: {grant}", operation)

    def failed(self, region: str, what: str, word: str) -> Unknown:
        """The service answered with another error, or not at all."""
        with self._lock:
            self._failed[region, what, word] += 1
        return Unknown(f"{what} failed: {word}", what)

    def signed_out(self, region: str, operation: str, code: str) -> Unknown:
        """Nobody in a region knows who asks: one cause, whatever each service calls it."""
        with self._lock:
            self._signed_out.setdefault(region, Counter())[code] += 1
        return Unknown(f"the sign-in does not count in {region}: {code}", operation)

    def missing(self, region: str, service: str) -> None:
        """A service is not offered in a region, and does not answer there."""
        with self._lock:
            self._missing.add((region, service))

    def gone(self, region: str, kind: str) -> None:
        """A thing was deleted while the account was read."""
        with self._lock:
            self._gone[region, kind] += 1

    def tell(self, account: str, ledger: Ledger) -> None:
        """Write everything down, and forget it."""
        for region, codes in sorted(self._signed_out.items()):
            message = f"the sign-in does not count here: {', '.join(sorted(codes))}{_times(codes.total())}"
            ledger.problem("load", where(account, region), message, _sign_in_hint(region, codes))
        for (region, grant), times in sorted(self._denied.items()):
            hint = f"Grant {grant} to whoever audits; AWS's own policy SecurityAudit has most of what is read."
            ledger.problem("load", where(account, region), f"access denied: {grant}{_times(times)}", hint)
        for (region, what, word), times in sorted(self._failed.items()):
            hint = "Run again; if it stays, look whether the service is there in this region and reachable from here."
            ledger.problem("load", where(account, region), f"{what} failed: {word}{_times(times)}", hint)
        for region, service in sorted(self._missing):
            message = f"{service} is not offered in {region}, as far as the SDK knows, and does not answer"
            hint = "Bring boto3 up to date if it is offered there."
            ledger.problem("load", where(account, region), message, hint, incomplete=False)
        for (region, kind), times in sorted(self._gone.items()):
            message = f"{times:,} of {kind} were deleted while the account was read, or made only then"
            ledger.problem("load", where(account, region), message, "They are not judged.", incomplete=False)
        self._signed_out.clear()
        self._denied.clear()
        self._gone.clear()
        self._missing.clear()
        self._failed.clear()


def where(account: str, region: str) -> str:
    """How a partition of an account is called, in reports and in uids."""
    return f"aws://{account}/{region}"


def _sign_in_hint(region: str, codes: Iterable[str]) -> str:
    if any(map(ended, codes)):
        return "It has ended. Sign in again, for longer than an audit takes, and run again."
    return (
        f"Sign in again, or switch the region on: aws account enable-region --region-name {region}. "
        "Else leave it out by naming the others with --region."
    )


def _times(times: int) -> str:
    return f" ({times:,} times)" if times > 1 else ""
