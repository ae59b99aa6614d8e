"""Vault's policies, as people write them: paths, and what whoever has the policy may do there.

One door for python-hcl2, because a policy is met in two places: in a file of its own, and as a text in Terraform. What
paths and capabilities mean is in Vault's documentation of policies: a `*` at the end is a prefix, `+` is one segment,
`deny` takes away, and the old `policy = "write"` stands for a list of capabilities.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.errors import HOSTILE_SHAPE, LoadError

MOST_CHARACTERS = 200_000
"""A policy has a few thousand; the parser takes seconds for more than this."""
DEEPEST = 40
"""Brackets inside of one another. A policy has three."""

_OLD = {
    "deny": ["deny"],
    "read": ["read", "list"],
    "write": ["create", "read", "update", "delete", "list"],
    "sudo": ["create", "read", "update", "delete", "list", "sudo"],
}
_HINT = "Check it with `vault policy fmt`, or exclude it from the scan."


def grants(text: str) -> list[dict[str, Any]]:
    """Each path block as `path` and `capabilities`, in their order; raises `LoadError`."""
    if len(text) > MOST_CHARACTERS or _deepest(text) > DEEPEST:
        raise LoadError("is no policy that a person wrote: it is too large, or nests too deeply", _HINT)
    import hcl2  # noqa: PLC0415  # takes as long as a whole scan of one manifest; few scans meet a policy

    try:
        body = hcl2.loads(text if text.endswith("\n") else f"{text}\n")
        return [one for block in body.get("path", ()) for one in _of_block(block)]
    except (*HOSTILE_SHAPE, RecursionError) as error:
        raise LoadError(f"is not a valid policy of Vault ({type(error).__name__})", _HINT) from None
    except Exception as error:  # noqa: BLE001  # the parser's own errors have no common base
        raise LoadError(f"is not valid HCL: {_first_line(error)}", _HINT) from None


def _deepest(text: str) -> int:
    depth = most = 0
    for letter in text:
        depth += (letter in "{[(") - (letter in "}])")
        most = max(most, depth)
    return most


def _of_block(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, body in block.items():
        if isinstance(body, Mapping):
            old = _OLD.get(_plain(body.get("policy", "")), [])
            listed = body.get("capabilities", old)
            yield {"path": _plain(path), "capabilities": [_plain(one) for one in listed]}


def _plain(word: Any) -> str:
    return str(word).strip('"')


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split("\n", 1)[0].split())[:200]
