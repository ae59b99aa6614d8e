"""Every strict function and operator by CEL's internal name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanner.cel import functions, kubernetes, maths, operators, texts, times
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
LIBRARY: Mapping[str, Callable[..., Any]] = {**STANDARD, **kubernetes.FUNCTIONS}
"""What is not declared to the front end is never called, so one table serves every kind of policy."""
