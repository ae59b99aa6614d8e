"""What a provider makes of a text that is written for an argument: `"true"` is a truth value to it, `"7"` a number.

Terraform turns a value into the type that the provider's schema gives the argument. There is no schema here, but in
those of AWS (5.100) `"true"` is a text for the arguments below alone, and a number is one by the last word of its name.

https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanner.patterns import regex

_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}
_TEXTS = frozenset(
    {"content", "default", "default_value", "description", "expression", "input", "key", "name", "pattern", "value"}
)
"""Arguments that hold any text, whatever it looks like."""
_WHOLE = regex(r"-?(0|[1-9][0-9]{0,14})")
_NUMBERS = regex(
    r"(.*_)?(bytes|capacity|count|days|gb|gib|hours|lease_ttl|minutes|ms|num_uses|percent|seconds|token_max_ttl|token_ttl|"
    r"secret_id_ttl|vcpus|versions)"
)
"""Names of arguments that are numbers."""
_OPEN = regex(r"true|false|-?[0-9]+([.][0-9]+)?")


def meant(name: str, value: Any) -> Any:
    """The value of an argument of this name, as the provider takes it."""
    if value.__class__ is not str or name in _TEXTS:
        return value
    if value in _TRUTHS:
        return _TRUTHS[value]
    return int(value) if _WHOLE.fullmatch(value) and _NUMBERS.fullmatch(name) else value


def is_open(text: str | None) -> bool:
    """Whether a provider may take a text for something else, so that others may find no text there."""
    return text is not None and _OPEN.fullmatch(text) is not None
