"""How the addresses of instances are put together: `module.a["k"].aws_x.y[0]`."""

from __future__ import annotations


def joined(module: str, own: str) -> str:
    """The address of something in a module, which is empty for the root."""
    return f"{module}.{own}" if module else own


def bracketed(index: int | str | None) -> str:
    """The index of an instance as it stands at the end of its address; empty for None."""
    return "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"
