"""Managed databases."""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.database_aws import GETTERS as AWS
from scanner.normalize._terraform.database_azure import GETTERS as AZURE
from scanner.normalize._terraform.database_google import GETTERS as GOOGLE

GETTERS: dict[str, dict[str, Getter]] = {**AWS, **AZURE, **GOOGLE}
