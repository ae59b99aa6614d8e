"""What makes data flow on Azure: replication, vaults, logs, peering, data factories, streams, models."""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow_azure_copies import GETTERS as COPIES
from scanner.normalize._terraform.flow_azure_factory import GETTERS as FACTORY
from scanner.normalize._terraform.flow_azure_logs import GETTERS as LOGS
from scanner.normalize._terraform.flow_azure_moves import GETTERS as MOVES

GETTERS: dict[str, dict[str, Getter]] = {**COPIES, **LOGS, **MOVES, **FACTORY}
"""Native type to where data comes from and where it goes."""
