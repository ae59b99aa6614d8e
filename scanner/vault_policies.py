"""Vault's policies, as people write them: paths, and what whoever has the policy may do there.

A policy is met in two places: in a file of its own, and as a text in Terraform. What is refused here, Vault refuses as
well, as a whole: a policy with a mistake in it grants and denies nothing. Source: `vault/policy.go`, and Vault's
documentation of policies. The old `policy = "write"` stands for a list of capabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner import hcl1
from scanner.errors import LoadError
from scanner.hcl1 import Body, Item

CAPABILITIES = frozenset(
    {"create", "read", "update", "patch", "delete", "list", "sudo", "deny", "subscribe", "recover", "scan"}
)
"""Those of Vault, and `scan` of OpenBao."""
GRANTED_BY = ("capabilities", "policy")
"""The attributes that say what a path grants."""

_LIMITS = ("allowed_parameters", "denied_parameters", "control_group")
"""What is granted only for some requests: with certain parameters, or once somebody else agrees."""
_KNOWN = frozenset({*GRANTED_BY, *_LIMITS, "comment", "required_parameters", "min_wrapping_ttl", "max_wrapping_ttl"})
_ALSO_KNOWN = frozenset(
    {"mfa_methods", "subscribe_event_types", "expiration", "pagination_limit", "list_scan_response_keys_filter_path"}
)
_OLD = {
    "deny": ["deny"],
    "read": ["read", "list"],
    "write": ["create", "read", "update", "delete", "list"],
    "sudo": ["create", "read", "update", "delete", "list", "sudo"],
}
_HINT = "Vault refuses the whole policy for it: correct it, and check it with `vault policy fmt`."


def grants(text: str) -> list[dict[str, Any]]:
    """Each path block as `path`, `capabilities` and `limited`, in their order; raises `LoadError`."""
    return [_grant(block) for block in blocks(text)]


def blocks(text: str) -> list[Item]:
    """The path blocks of a policy; raises `LoadError`."""
    body = hcl1.parse(text)
    strange = next((item.keys[0] for item in body.items if item.keys[0] not in {"path", "name"}), None)
    if strange is not None:
        raise LoadError(f"is not a policy that Vault takes: '{strange[:40]}' has no place in one", _HINT)
    return list(body.named("path"))


def _grant(block: Item) -> dict[str, Any]:
    path = block.keys[1] if len(block.keys) > 1 else block.keys[0]
    if not isinstance(block.value, Body):
        raise LoadError(f"is not a policy that Vault takes: path '{path[:80]}' is no block", _HINT)
    for item in block.value.items:
        if item.keys[0] not in _KNOWN | _ALSO_KNOWN:
            raise _refused(path, f"has '{item.keys[0][:40]}', which no path has")
    if "+*" in path:
        raise _refused(path, "has '+*', which cannot be")
    return {
        "path": path.removeprefix("/"),
        "capabilities": list(dict.fromkeys(_capabilities(path, block.value))),
        "limited": any(_limits(item) for item in block.value.named(*_LIMITS)),
    }


def _limits(item: Item) -> bool:
    """Whether it leaves out any request. `"*" = []` allows all parameters with all values."""
    if item.keys[0] == "allowed_parameters" and isinstance(item.value, Body):
        return any(one.keys != ("*",) or one.value != [] for one in item.value.items)
    return item.value not in ([], Body())


def _capabilities(path: str, body: Body) -> Iterator[str]:
    """Of lists that are written twice both count, of old words the last."""
    old = [item.value for item in body.named("policy")][-1:]
    if old and str(old[0]) not in _OLD:
        raise _refused(path, "has a policy that is none of deny, read, write and sudo")
    yield from (word for one in old for word in _OLD[one])
    for item in body.named("capabilities"):
        if not isinstance(item.value, list):
            raise _refused(path, "has capabilities that are no list")
        for word in item.value:
            if not isinstance(word, str) or word not in CAPABILITIES:
                raise _refused(path, f"has a capability that Vault does not know: {str(word)[:40]}")
            yield word


def _refused(path: str, why: str) -> LoadError:
    return LoadError(f"is not a policy that Vault takes: path '{path[:80]}' {why}", _HINT)
