"""What could not be read of an account: each reason once, however many things it was met at."""

from __future__ import annotations

import threading
from collections import Counter

from scanner.model import Ledger, Unknown


class Troubles:
    """Counts what was refused, from any thread, and tells it in one order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._denied: Counter[tuple[str, str]] = Counter()
        self._failed: Counter[tuple[str, str, str]] = Counter()
        self._missing: set[tuple[str, str]] = set()
        self._gone: Counter[tuple[str, str]] = Counter()

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
        self._denied.clear()
        self._gone.clear()
        self._missing.clear()
        self._failed.clear()


def where(account: str, region: str) -> str:
    """How a partition of an account is called, in reports and in uids."""
    return f"aws://{account}/{region}"


def _times(times: int) -> str:
    return f" ({times:,} times)" if times > 1 else ""
