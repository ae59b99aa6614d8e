"""What the configuration of a Vault server says. Defaults are those of Vault's documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from scanner.model import Citation, Origin, Path, Resource, Unknown, UnknownRead, uid_of
from scanner.normalize._kubernetes.reading import Reading
from scanner.normalize._tls_versions import version
from scanner.normalize._vault_durations import SYSTEM, seconds
from scanner.patterns import regex
from scanner.vault_servers import TYPE, first

_TRUE = frozenset({"1", "t", "true", "yes", "on"})
_FALSE = frozenset({"0", "f", "false", "no", "off", ""})
_OWN_MACHINE = regex(r"(127\.[\d.]+|localhost|\[::1\])(:\d+)?")
_SET_LATER = regex(r"\$\{|\{\{|^[A-Z_]+$")
_ADDRESS = "127.0.0.1:8200"

Native = Mapping[str, Any]


def server(settings: Native, origin: Origin, name: str, inside: Path | None = None) -> Resource:
    """The server of a configuration: a file, or the text that stands at a path inside of another document."""
    read = {attribute: _read(reader, settings) for attribute, reader in _READERS.items()}
    return Resource(
        uid=uid_of(origin.uri, "/".join(map(str, (origin.address, *(inside or ()))))),
        type="vault.server",
        native_type="server",
        provider="vault",
        name=name,
        region="",
        tags={},
        attributes={attribute: value for attribute, (value, _) in read.items()},
        native=settings if inside is None else {},
        origin=origin,
        citations={
            f"attributes.{attribute}": Citation(origin, inside or path) for attribute, (_, path) in read.items()
        },
    )


def _read(reader: Callable[[Native], Reading], native: Native) -> Reading:
    try:
        return reader(native)
    except UnknownRead as read:
        return read.unknown, tuple(int(step) if step.isdigit() else step for step in read.unknown.path.split("."))


def _listeners(native: Native) -> Iterator[tuple[Path, Native]]:
    """Those that other machines may reach over a network."""
    for index, one in enumerate(native["listener"]):
        if one.get(TYPE) == "tcp" and not _OWN_MACHINE.fullmatch(str(one.get("address", _ADDRESS))):
            yield ("listener", index), one


def _plaintext(native: Native) -> Reading:
    found = [(path, one) for path, one in _listeners(native) if _flag(one, "tls_disable", path)]
    addresses = [str(one.get("address", _ADDRESS)) for _, one in found]
    for path, address in ((path, address) for (path, _), address in zip(found, addresses, strict=True)):
        if _SET_LATER.search(address):
            raise _unknown(address, (*path, "address"))
    return addresses, (*found[0][0], "tls_disable") if found else ("listener",)


def _minimum_tls(native: Native) -> Reading:
    found = [
        (version(one.get("tls_min_version", "tls12"), "tls_min_version"), (*path, "tls_min_version"))
        for path, one in _listeners(native)
        if not _flag(one, "tls_disable", path)
    ]
    return min(found, default=("", ("listener",)))


def _raw_storage(native: Native) -> Reading:
    return _flag(native, "raw_storage_endpoint", ()), ("raw_storage_endpoint",)


def _swappable(native: Native) -> Reading:
    path = ("disable_mlock",)
    if not _flag(native, "disable_mlock", ()):
        return False, path
    storage = (first(native, "storage") or first(native, "backend")).get(TYPE)
    if storage is None:
        raise UnknownRead(Unknown("what it stores in is configured elsewhere", "disable_mlock"))
    return storage != "raft", path


def _longest(native: Native) -> Reading:
    written = native.get("max_lease_ttl")
    if isinstance(written, str) and not seconds(written):
        raise _unknown(written, ("max_lease_ttl",))
    return seconds(native.get("max_lease_ttl")) or SYSTEM, ("max_lease_ttl",)


def _flag(block: Native, key: str, path: Sequence[str | int]) -> bool:
    value = block.get(key, False)
    word = str(value).lower()
    if word not in _TRUE | _FALSE:
        raise _unknown(str(value), (*path, key))
    return word in _TRUE


def _unknown(value: str, path: Sequence[str | int]) -> UnknownRead:
    return UnknownRead(Unknown(f"'{value[:40]}' is filled in later", ".".join(map(str, path))))


_READERS: Mapping[str, Callable[[Native], Reading]] = {
    "plaintext_addresses": _plaintext,
    "minimum_tls": _minimum_tls,
    "raw_storage": _raw_storage,
    "swappable": _swappable,
    "longest_seconds": _longest,
}
