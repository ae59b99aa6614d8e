"""The functions that Kubernetes adds to CEL, so that the expressions of its admission policies run.

`declared` is the front end's side: which functions there are and what they take. `FUNCTIONS` is the back end's: what
they compute on known values. Source: https://kubernetes.io/docs/reference/using-api/cel/ and the environment that the
API server of Kubernetes 1.34 sets up. What an author of a policy may not use there, such as `math.greatest`, is not
declared here either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanner.cel import functions, texts
from scanner.cel.kubernetes import formats, lists, networks, quantities, urls, versions
from scanner.cel.operators import mismatch


def _by_receiver(name: str, of_list: Callable[..., Any], of_text: Callable[..., Any]) -> Callable[..., Any]:
    """One name, for lists and for texts."""

    def run(receiver: Any, *rest: Any) -> Any:
        return of_list(receiver, *rest) if isinstance(receiver, list | tuple) else of_text(receiver, *rest)

    run.__name__ = name
    return run


def _compared(decide: Callable[[int], Any]) -> Callable[[Any, Any], Any]:
    """A comparison of two quantities or two versions."""

    def run(left: Any, right: Any) -> Any:
        for kind in (quantities.Quantity, versions.Semver):
            if isinstance(left, kind) and isinstance(right, kind):
                return decide((left > right) - (left < right))  # type: ignore[operator]  # both have the same, ordered type
        raise mismatch("compareTo", left, right)

    return run


def _text(value: Any) -> str:
    return str(value) if isinstance(value, networks.Ip | networks.Cidr) else functions.to_string(value)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **lists.FUNCTIONS,
    **quantities.FUNCTIONS,
    **networks.FUNCTIONS,
    **urls.FUNCTIONS,
    **versions.FUNCTIONS,
    **formats.FUNCTIONS,
    "indexOf": _by_receiver("indexOf", lists.index_of, texts.FUNCTIONS["indexOf"]),
    "lastIndexOf": _by_receiver("lastIndexOf", lists.last_index_of, texts.FUNCTIONS["lastIndexOf"]),
    "reverse": _by_receiver("reverse", lists.reverse, texts.FUNCTIONS["reverse"]),
    "compareTo": _compared(lambda order: order),
    "isGreaterThan": _compared(lambda order: order > 0),
    "isLessThan": _compared(lambda order: order < 0),
    "string": _text,
}
