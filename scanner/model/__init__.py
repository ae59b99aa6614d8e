"""The nouns every room shares. Frozen, and nothing here does any work beyond looking things up."""

from scanner.model._policies import (
    Aggregate,
    Explanation,
    Match,
    Policy,
    Program,
    ReadValue,
    Severity,
    Validation,
    Verdict,
)
from scanner.model._results import Evidence, Finding, Frame, Ledger, Problem, ResourceCard, ScanResult, Tally
from scanner.model._things import (
    Citation,
    Document,
    Elsewhere,
    Fact,
    FactField,
    Inventory,
    Origin,
    Partition,
    Path,
    Resource,
)
from scanner.model._unknown import Unknown, UnknownRead

__all__ = [
    "Aggregate",
    "Citation",
    "Document",
    "Elsewhere",
    "Evidence",
    "Explanation",
    "Fact",
    "FactField",
    "Finding",
    "Frame",
    "Inventory",
    "Ledger",
    "Match",
    "Origin",
    "Partition",
    "Path",
    "Policy",
    "Problem",
    "Program",
    "ReadValue",
    "Resource",
    "ResourceCard",
    "ScanResult",
    "Severity",
    "Tally",
    "Unknown",
    "UnknownRead",
    "Validation",
    "Verdict",
]
