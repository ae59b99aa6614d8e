"""What a uid says: the file and the address of a resource in it, or what a group of an aggregate policy goes by."""

from __future__ import annotations

from collections.abc import Mapping

_MARK, _GROUP = "#", "group:"


def uid_of(uri: str, address: str) -> str:
    """The uid of what has this address in this file."""
    return f"{uri}{_MARK}{address}"


def group_uid(names: Mapping[str, str]) -> str:
    """The uid of the group with these values; any sign may be in them."""
    return _GROUP + ",".join(f"{name}={word}" for name, word in names.items())


def is_group(uid: str) -> bool:
    """Whether it is that of a group, not of a resource."""
    return uid.startswith(_GROUP)


def parts_of(uid: str) -> tuple[str, str]:
    """What leads to a resource or a group (a file with its mark, or the mark of groups), and what people know it by."""
    if is_group(uid):
        return _GROUP, uid.removeprefix(_GROUP)
    file, mark, address = uid.partition(_MARK)
    return (file + mark, address) if address else ("", uid)


def address_of(uid: str) -> str:
    """What people know a resource or a group by."""
    return parts_of(uid)[1]
