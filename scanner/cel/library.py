"""Every strict function and operator by CEL's internal name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from scanner.cel import functions, maths, operators, texts, times
from scanner.cel.values import equal
from scanner.model import Unknown


def _different(left: Any, right: Any) -> bool | Unknown:
    """`!=`."""
    same = equal(left, right)
    return same if isinstance(same, Unknown) else not same


STANDARD: Mapping[str, Callable[..., Any]] = {
    **operators.OPERATORS,
    "_!=_": _different,
    **functions.FUNCTIONS,
    **times.FUNCTIONS,
    **texts.FUNCTIONS,
    **maths.FUNCTIONS,
}
"""Those of govscan's own policies."""
WIDENED = frozenset({"indexOf", "lastIndexOf", "reverse", "string"})
"""Those that Kubernetes has for more types."""


@cache
def function(name: str) -> Callable[..., Any] | None:
    """The function of this name, also one of Kubernetes: what is not declared to the front end is never asked for."""
    known = None if name in WIDENED else STANDARD.get(name)
    return known or of_kubernetes().get(name) or STANDARD.get(name)


def of_kubernetes() -> Mapping[str, Callable[..., Any]]:
    """Those that the Kubernetes API server adds."""
    from scanner.cel import kubernetes  # noqa: PLC0415  # a tenth of a cold scan, and govscan's own policies need none

    return kubernetes.FUNCTIONS
