"""Secrets in the environment of functions, where everybody reads them who may look at the function.

It does not matter who supplied them: the value of a variable or of a store of secrets stands there in the clear.
The environments of workloads in clusters are judged by their own fact.
"""

from __future__ import annotations

from typing import Any

from scanner.analyze._secrets.words import holds_token, is_literal, names_object, names_secret
from scanner.bodies import at
from scanner.model import Path, Resource, Unknown, UnknownRead

_ENVIRONMENTS: dict[str, Path] = {
    "aws_lambda_function": ("environment", 0, "variables"),
    "AWS::Lambda::Function": ("ListFunctions", "Environment", "Variables"),
    "google_cloudfunctions_function": ("environment_variables",),
    "google_cloudfunctions2_function": ("service_config", 0, "environment_variables"),
}
"""Native type to the map of its variables."""

_POINTERS = ("arn:", "projects/", "vault:", "https://")
"""How the name of a secret begins, which programs look up by themselves."""


def environment_secrets(resource: Resource) -> list[Path]:
    """Paths of the variables that hold a secret; raises `UnknownRead` where that is not known."""
    place = _ENVIRONMENTS.get(resource.native_type)
    if place is None:
        return []
    variables = at(resource.native, *place)
    if isinstance(variables, Unknown):
        raise UnknownRead(variables)
    named = [(name, value) for name, value in (variables or {}).items() if _may_be_secret(name, value)]
    found = [name for name, value in named if not isinstance(value, Unknown)]
    if named and not found:
        raise UnknownRead(named[0][1])
    return [(*place, name) for name in found]


def _may_be_secret(name: str, value: Any) -> bool:
    if isinstance(value, Unknown):
        return names_secret(name)
    if not isinstance(value, str) or value.startswith(_POINTERS):
        return False
    return holds_token(value) or (names_secret(name) and is_literal(value) and not names_object(value))
