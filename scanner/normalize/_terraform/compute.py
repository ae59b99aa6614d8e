"""Machines: single ones, groups of equal ones, and what serves or trains on them.

`minimum` and `maximum` count machines, not accelerators; `accelerators` lists those attached to each machine by hand.
"""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.azapi import GETTERS as AZAPI
from scanner.normalize._terraform.compute_aws import GETTERS as AWS
from scanner.normalize._terraform.compute_azure import GETTERS as AZURE
from scanner.normalize._terraform.compute_google import GETTERS as GOOGLE
from scanner.normalize._terraform.fleets_aws import GETTERS as FLEETS
from scanner.normalize._terraform.growth import with_growth
from scanner.normalize._terraform.machines_google import GETTERS as TPUS
from scanner.normalize._terraform.sagemaker import GETTERS as SAGEMAKER
from scanner.normalize._terraform.vertex import GETTERS as VERTEX

GETTERS: dict[str, dict[str, Getter]] = {
    native: with_growth(getters)
    for of_service in (AWS, FLEETS, SAGEMAKER, AZURE, AZAPI, GOOGLE, TPUS, VERTEX)
    for native, getters in of_service.items()
}
