"""Admission policies given with `--admission`: read by the loaders, made into policies, added to a scan.

A part of the spine; it introduces the loading room to the policy room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scanner import load
from scanner.errors import PolicyError, UsageError
from scanner.model import Ledger, Policy

if TYPE_CHECKING:
    from scanner.policy.admission import Complaint


def policies(targets: Sequence[str], options: load.Options, ledger: Ledger) -> tuple[Policy, ...]:
    """The ValidatingAdmissionPolicy objects of files and folders, each with each of its bindings.

    Raises `UsageError` where there is none, and one `PolicyError` that lists everything wrong with them.
    """
    if not targets:
        return ()
    from scanner.policy.admission import admission  # noqa: PLC0415  # most scans have none

    aside = Ledger()
    documents = [document for partition in load.partitions(targets, options, aside) for document in partition.documents]
    found = admission([document for document in documents if document.dialect == "kubernetes"])
    ledger.problems += aside.problems
    ledger.skipped.update(found.notes)
    if found.complaints:
        lines = "\n".join(_lines(found.complaints, options))
        raise PolicyError(f"The admission policies cannot be used:\n{lines}", "Correct each line above and run again.")
    if not found.found:
        raise UsageError(
            f"There is no ValidatingAdmissionPolicy in {', '.join(targets)}.",
            "Give --admission the files with the policies, their bindings and params.",
        )
    return found.policies


def _lines(complaints: Sequence[Complaint], options: load.Options) -> list[str]:
    places = load.locate([one.place for one in complaints], options)
    lines = [
        f"{place.origin.uri}:{place.origin.line}:{place.origin.column}: {one.message}"
        for one, place in zip(complaints, places, strict=True)
    ]
    return list(dict.fromkeys(lines))
