"""The two shapes that most functions of these libraries have: whether a text can be read, and what a value holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.cel.operators import mismatch
from scanner.cel.values import Fault, Opaque


def readable(read: Callable[..., Any]) -> Callable[..., bool]:
    """`isURL` and the like: whether `read` takes the text. What is no text at all is an error, as in Kubernetes."""

    def run(text: Any, *rest: Any) -> bool:
        try:
            read(text, *rest)
        except Fault:
            if not isinstance(text, str):
                raise
            return False
        return True

    return run


def member(name: str, kind: type[Opaque], compute: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A method of values of one kind, by the name that an error gives it."""

    def run(value: Any) -> Any:
        if isinstance(value, kind):
            return compute(value)
        raise mismatch(name, value)

    return run
