"""A value that is not known cannot be used by mistake: not compared, not looked into, not made text of."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import Unknown, UnknownRead

USES: dict[str, Callable[[Any], Any]] = {
    "truth": bool,
    "comparing": lambda value: value == "x",
    "comparing from the other side": lambda value: "x" == value,  # noqa: SIM300  # the other side is the point
    "looking into": lambda value: value["key"],
    "membership": lambda value: "x" in value,
    "being a member": lambda value: value in {"x", "y"},
    "iterating": list,
    "length": len,
    "number": int,
    "arithmetic": lambda value: 1 + value,
    "method": lambda value: value.lower(),
    "text": str,
    "format": lambda value: f"{value}-a",
    "percent": lambda value: "%s" % value,  # noqa: UP031  # people write it
    "joining": lambda value: ", ".join(map(str, [value])),
}


@pytest.mark.parametrize("use", USES)
def test_every_use_says_why_the_value_is_not_known(use: str) -> None:
    with pytest.raises(UnknownRead, match="access denied"):
        USES[use](Unknown("access denied", "spec.x"))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301  # our own bytes
def test_it_may_be_passed_on(again: Callable[[Unknown], Unknown]) -> None:
    passed = again(Unknown("access denied", "spec.x"))
    assert (passed.reason, passed.path, repr(passed)) == (
        "access denied",
        "spec.x",
        "Unknown('access denied', 'spec.x')",
    )
