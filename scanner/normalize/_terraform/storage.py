"""Buckets and storage accounts."""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.storage_aws import GETTERS as AWS
from scanner.normalize._terraform.storage_azure import GETTERS as AZURE
from scanner.normalize._terraform.storage_google import GETTERS as GOOGLE

GETTERS: dict[str, dict[str, Getter]] = {**AWS, **GOOGLE, **AZURE}
