"""Which functions and variables the API server declares, as the front end's own configuration."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from scanner.patterns import regex

VARIABLES = {"authorizer": "Authorizer", "authorizer.requestResource": "ResourceCheck"}
"""Those whose types only Kubernetes has. Everything else a policy sees is declared by who compiles it."""
TYPES = ("net.IP", "net.CIDR")
"""Those that an expression can name."""

_NAMES = {
    "Quantity": "kubernetes.Quantity",
    "Semver": "kubernetes.Semver",
    "Format": "kubernetes.NamedFormat",
    "URL": "kubernetes.URL",
    "IP": "net.IP",
    "CIDR": "net.CIDR",
    "Authorizer": "kubernetes.authorization.Authorizer",
    "PathCheck": "kubernetes.authorization.PathCheck",
    "GroupCheck": "kubernetes.authorization.GroupCheck",
    "ResourceCheck": "kubernetes.authorization.ResourceCheck",
    "Decision": "kubernetes.authorization.Decision",
}
_ORDERED = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
_SUMMED = ("int", "uint", "double", "duration")
_NUMBERS = ("int", "uint", "double")
_COMPARISONS = ("_<_", "_<=_", "_>_", "_>=_")
_FORMATS = (
    *("dns1123Label", "dns1123Subdomain", "dns1035Label", "qualifiedName", "labelValue"),
    *("dns1123LabelPrefix", "dns1123SubdomainPrefix", "dns1035LabelPrefix"),
    *("uri", "uuid", "byte", "date", "datetime"),
)
# `receiver->name(arguments): result`; `A` is any type, the same one wherever it stands.
_SIGNATURES = """
string->charAt(int): string
string->indexOf(string): int
string->indexOf(string, int): int
string->lastIndexOf(string): int
string->lastIndexOf(string, int): int
string->lowerAscii(): string
string->upperAscii(): string
string->replace(string, string): string
string->replace(string, string, int): string
string->split(string): list(string)
string->split(string, int): list(string)
string->substring(int): string
string->substring(int, int): string
string->trim(): string
string->format(list(dyn)): string
list(string)->join(): string
list(string)->join(string): string
strings.quote(string): string
string->find(string): string
string->findAll(string): list(string)
string->findAll(string, int): list(string)
list(A)->indexOf(A): int
list(A)->lastIndexOf(A): int
isURL(string): bool
url(string): URL
URL->getScheme(): string
URL->getHost(): string
URL->getHostname(): string
URL->getPort(): string
URL->getEscapedPath(): string
URL->getQuery(): map(string, list(string))
isQuantity(string): bool
quantity(string): Quantity
Quantity->isInteger(): bool
Quantity->asInteger(): int
Quantity->asApproximateFloat(): double
Quantity->sign(): int
Quantity->add(Quantity): Quantity
Quantity->add(int): Quantity
Quantity->sub(Quantity): Quantity
Quantity->sub(int): Quantity
Quantity->isGreaterThan(Quantity): bool
Quantity->isLessThan(Quantity): bool
Quantity->compareTo(Quantity): int
isSemver(string): bool
isSemver(string, bool): bool
semver(string): Semver
semver(string, bool): Semver
Semver->major(): int
Semver->minor(): int
Semver->patch(): int
Semver->isGreaterThan(Semver): bool
Semver->isLessThan(Semver): bool
Semver->compareTo(Semver): int
isIP(string): bool
ip(string): IP
ip.isCanonical(string): bool
IP->family(): int
IP->isUnspecified(): bool
IP->isLoopback(): bool
IP->isLinkLocalMulticast(): bool
IP->isLinkLocalUnicast(): bool
IP->isGlobalUnicast(): bool
isCIDR(string): bool
cidr(string): CIDR
CIDR->containsIP(IP): bool
CIDR->containsIP(string): bool
CIDR->containsCIDR(CIDR): bool
CIDR->containsCIDR(string): bool
CIDR->ip(): IP
CIDR->masked(): CIDR
CIDR->prefixLength(): int
format.named(string): optional_type(Format)
Format->validate(string): optional_type(list(string))
Authorizer->path(string): PathCheck
PathCheck->check(string): Decision
Authorizer->group(string): GroupCheck
GroupCheck->resource(string): ResourceCheck
Authorizer->serviceAccount(string, string): Authorizer
ResourceCheck->subresource(string): ResourceCheck
ResourceCheck->namespace(string): ResourceCheck
ResourceCheck->name(string): ResourceCheck
ResourceCheck->fieldSelector(string): ResourceCheck
ResourceCheck->labelSelector(string): ResourceCheck
ResourceCheck->check(string): Decision
Decision->allowed(): bool
Decision->reason(): string
Decision->errored(): bool
Decision->error(): string
string(bool): string
string(int): string
string(uint): string
string(double): string
string(string): string
string(bytes): string
string(timestamp): string
string(duration): string
string(IP): string
string(CIDR): string
"""
_OURS = ("string->reverse(): string",)
"""Of the strings extension, what the API server leaves out."""
_SIGNATURE = regex(r"(?:(?P<target>\S+)->)?(?P<name>[\w.<>=]+)\((?P<args>.*)\): (?P<result>.+)")
_EXTENSIONS = ("optional", "sets", "two-var-comprehensions")
_TOKEN = regex(r"[\w.]+|[(),]")


def environment(*, of_server: bool, of_lists: bool = True) -> str:
    """A configuration of the front end, in JSON, which is YAML; with what only a request to the API server has.

    `of_lists` adds the lists extension. The front end cannot have it beside `reverse` for texts, which is ours.

    The strings extension is declared here function by function, and `string` and the comparisons again, because the
    front end lets nobody add to a function that is declared. Comparisons take numbers of different types, as the API
    server's do: `size(x) < 1.5`.
    """
    functions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, line in enumerate((*_SIGNATURES.split("\n"), *_generated(), *(() if of_lists else _OURS))):
        found = _SIGNATURE.fullmatch(line)
        if found:
            functions[found["name"]].append(_overload(f"{found['name']}_{number}", found))
    config = {
        "name": "kubernetes",
        "stdlib": {"exclude_functions": [{"name": name} for name in ("string", *_COMPARISONS)]},
        "extensions": [{"name": name} for name in (*(("lists",) if of_lists else ()), *_EXTENSIONS)],
        "variables": [
            *({"name": name, "type_name": "type", "params": [_type([name])]} for name in TYPES),
            *({"name": name, **_type([kind])} for name, kind in VARIABLES.items() if of_server),
        ],
        "functions": [{"name": name, "overloads": overloads} for name, overloads in functions.items()],
    }
    return json.dumps(config)


def _generated() -> list[str]:
    """The functions that are declared for many types."""
    ordered = [f"list({kind})->{name}(): {kind}" for name in ("min", "max") for kind in _ORDERED]
    return [
        *ordered,
        *(f"list({kind})->isSorted(): bool" for kind in _ORDERED),
        *(f"list({kind})->sum(): {kind}" for kind in _SUMMED),
        *(f"format.{name}(): Format" for name in _FORMATS),
        *(f"{name}({left}, {right}): bool" for name in _COMPARISONS for left, right in _comparable()),
    ]


def _comparable() -> list[tuple[str, str]]:
    """The types that `<` takes."""
    return [(left, right) for left in _ORDERED for right in _ORDERED if left == right or {left, right} <= set(_NUMBERS)]


def _overload(name: str, signature: re.Match[str]) -> dict[str, Any]:
    arguments, tokens = [], _TOKEN.findall(signature["args"])
    while tokens:
        arguments.append(_type(tokens))
        del tokens[:1]
    target = {"target": _type(_TOKEN.findall(signature["target"]))} if signature["target"] else {}
    return {"id": name, **target, "args": arguments, "return": _type(_TOKEN.findall(signature["result"]))}


def _type(tokens: list[str]) -> dict[str, Any]:
    """Take one type off the front of the tokens."""
    name = tokens.pop(0)
    if name == "A":
        return {"type_name": "A", "is_type_param": True}
    params: list[dict[str, Any]] = []
    while tokens[:1] == ["("] or (params and tokens[:1] == [","]):
        del tokens[0]
        params.append(_type(tokens))
    if params:
        del tokens[0]
    return {"type_name": _NAMES.get(name, name), **({"params": params} if params else {})}
