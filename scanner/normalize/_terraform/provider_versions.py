"""Which versions of a provider a configuration takes.

https://developer.hashicorp.com/terraform/language/expressions/version-constraints
"""

from __future__ import annotations

from scanner.normalize._terraform.item import Item
from scanner.patterns import regex

_CLAUSE = regex(r"\s*(?P<operator>=|!=|>=|<=|>|<|~>)?\s*v?(?P<major>\d+)(?P<rest>(?:\.\d+)*)\S*\s*")
_FROM = frozenset({"", "=", ">=", ">", "~>"})


def is_from(item: Item, major: int) -> bool | None:
    """Whether its provider is of this major version or a later one; None where the constraint leaves it open."""
    written = item.document.body["provider_config"].get("version")
    clauses = [_CLAUSE.fullmatch(clause) for clause in written.split(",")] if isinstance(written, str) else []
    told = [(one["operator"] or "", int(one["major"]), one["rest"]) for one in clauses if one]
    if any(operator in _FROM and lowest >= major for operator, lowest, _ in told):
        return True
    return False if any(_ends_below(*clause, major) for clause in told) else None


def _ends_below(operator: str, number: int, rest: str, major: int) -> bool:
    """`~> 5.1` ends with version 5, and so do 5.1 itself and `< 6`; `~> 5` has no end."""
    if operator == "<":
        return number < major or (number == major and not rest.strip(".0"))
    return number < major and (operator in {"", "=", "<="} or (operator == "~>" and bool(rest)))
