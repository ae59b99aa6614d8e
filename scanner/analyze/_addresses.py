"""Addresses of data in text: object stores, endpoints of cloud services and image registries, and the region they tell.

What a bucket's URL does not tell is looked up among the buckets that the scan knows. Sources: the providers' reference
of service endpoints (`s3.REGION.amazonaws.com`, `REGION-aiplatform.googleapis.com`, `ACCOUNT.blob.core.windows.net`)
and of registries (`ACCOUNT.dkr.ecr.REGION.amazonaws.com`, `REGION-docker.pkg.dev`, `eu.gcr.io`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from scanner.analyze._places import place
from scanner.model import Unknown
from scanner.patterns import regex

_AWS_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_GOOGLE_REGION = r"[a-z]+-[a-z]+\d+"

_S3 = rf"s3(?:-fips)?(?:\.dualstack)?(?:[.-](?P<region>{_AWS_REGION}))?\.amazonaws\.com"
"""The host of S3, in a region or in all of them, over IPv6 as well or by validated cryptography."""

_STORES = (
    regex(r"\b(?:s3[an]?|gs|gcs)://(?P<name>[a-z0-9][a-z0-9._-]{1,220})"),
    regex(r"\b(?:abfss?|wasbs?)://[^\s/@]+@(?P<name>[a-z0-9]{3,24})\."),
    regex(rf"https?://(?P<name>[a-z0-9][a-z0-9.-]{{1,61}}?)\.{_S3}"),
    regex(rf"https?://{_S3}/(?P<name>[a-z0-9][a-z0-9.-]{{1,61}})"),
    regex(r"https?://storage\.(?:googleapis|cloud\.google)\.com/(?P<name>[a-z0-9][a-z0-9._-]{1,220})"),
    regex(r"https?://(?P<name>[a-z0-9][a-z0-9._-]{1,220})\.storage\.googleapis\.com"),
    regex(r"https?://(?P<name>[a-z0-9]{3,24})\.(?:blob|dfs|file)\.core\.windows\.net"),
)
"""Object stores by URL. Names are of the whole world: no two buckets of one provider share theirs."""

_ENDPOINTS = (
    regex(rf"\b(?P<host>(?!s3[.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?P<region>{_AWS_REGION})\.amazonaws\.com)\b"),
    regex(rf"\b(?P<host>(?:[a-z0-9-]+\.)+(?P<region>{_AWS_REGION})\.(?!s3\b)[a-z-]+\.amazonaws\.com)\b"),
    regex(rf"\b(?P<host>(?P<region>{_GOOGLE_REGION})-[a-z]+\.googleapis\.com)\b"),
    regex(rf"\b(?P<host>[a-z]+\.(?P<region>{_GOOGLE_REGION})\.rep\.googleapis\.com)\b"),
    regex(r"\b(?P<host>[a-z0-9-]+\.(?P<region>[a-z0-9]+)\.inference\.ml\.azure\.com)\b"),
    regex(r"\b(?P<host>(?P<region>[a-z0-9]+)\.api\.cognitive\.microsoft\.com)\b"),
)
"""Services whose host names their region. A bucket's host is a store, a registry's is for images."""

_REGISTRIES = (
    regex(rf"\d{{12}}\.dkr\.ecr(?:-fips)?\.(?P<region>{_AWS_REGION})\.amazonaws\.com(?:\.cn)?/"),
    regex(rf"(?P<region>{_GOOGLE_REGION}|us|europe|asia)-docker\.pkg\.dev/"),
    regex(r"(?:(?P<region>us|eu|asia)\.)?gcr\.io/"),
)
_GCR_AREAS = {"": "us", "eu": "europe"}
"""gcr.io without a prefix keeps images in the United States."""


class Address(Struct, frozen=True):
    """Where some text points to."""

    name: str
    """The bucket or storage account, the host, or the image."""
    region: Any
    """May be `Unknown`."""

    def as_value(self) -> dict[str, Any]:
        """As a policy sees it."""
        there = self.region if isinstance(self.region, Unknown) else place(self.region).jurisdiction
        return {"name": self.name, "region": self.region, "jurisdiction": there}


def stores(text: str, known: Mapping[str, Any]) -> Iterator[Address]:
    """The object stores that a text names; `known` is bucket to region."""
    for pattern in _STORES:
        for match in pattern.finditer(text):
            name = match["name"].rstrip(".")
            yield Address(name, match.groupdict().get("region") or _looked_up(name, known))


_BUCKET = regex(r"[a-z0-9][a-z0-9._-]{2,221}")


def bucket(name: str, known: Mapping[str, Any], *, certain: bool) -> Address | None:
    """A bucket by its bare name: one that the scan knows, or any where that is certainly what is named."""
    if name in known or (certain and _BUCKET.fullmatch(name)):
        return Address(name, _looked_up(name, known))
    return None


def _looked_up(name: str, known: Mapping[str, Any]) -> Any:
    reason = (
        f"where bucket {name} is, nothing in this scan says; scan the Terraform or the inventory that has it as well"
    )
    return known.get(name, Unknown(reason))


def endpoints(text: str) -> Iterator[Address]:
    """The cloud services of a region that a text names."""
    for pattern in _ENDPOINTS:
        for match in pattern.finditer(text):
            host = match["host"]
            if ".s3." not in host and ".s3-" not in host and ".dkr.ecr" not in host:
                yield Address(host, match["region"])


def image(reference: str) -> Address | None:
    """The registry of an image, if its name tells where it is."""
    for pattern in _REGISTRIES:
        if match := pattern.match(reference):
            region = match["region"] or ""
            return Address(reference.partition("@")[0], _GCR_AREAS.get(region, region))
    return None
