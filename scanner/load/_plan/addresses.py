"""Addresses as plans and states write them, without the indexes of instances."""

from __future__ import annotations

from scanner.patterns import regex

_INDEX = regex(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


def module_names(address: str) -> tuple[str, ...]:
    """`module.a["x"].module.b` as `("a", "b")`."""
    return tuple(without_indexes(address).split(".")[1::2])


def without_indexes(address: str) -> str:
    """`module.a["x"].aws_eip.b[0]` as `module.a.aws_eip.b`; an index may hold dots."""
    return _INDEX.sub("", address)
