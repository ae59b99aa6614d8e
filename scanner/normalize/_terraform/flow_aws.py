"""What makes data flow on AWS: replication, copies of backups, logs, peering, transfers, and models that are fed."""

from __future__ import annotations

from scanner.normalize._reading import Getter
from scanner.normalize._terraform.flow_aws_copies import GETTERS as COPIES
from scanner.normalize._terraform.flow_aws_joins import GETTERS as JOINS
from scanner.normalize._terraform.flow_aws_logs import GETTERS as LOGS
from scanner.normalize._terraform.flow_aws_models import GETTERS as MODELS
from scanner.normalize._terraform.flow_aws_moves import GETTERS as MOVES

GETTERS: dict[str, dict[str, Getter]] = {**COPIES, **LOGS, **JOINS, **MOVES, **MODELS}
"""Native type to where data comes from and where it goes."""
