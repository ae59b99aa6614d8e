"""What Terraform gets wrong when it repeats a configuration that was written in JSON, such as CDK for Terraform's.

It evaluates each text of such a configuration without its variables, and so shows the template itself as the constant:
`{"constant_value": "${aws_kms_key.k.arn}", "references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}`.
"""

from __future__ import annotations

from typing import Any

MARK = b"${"
"""A plan without it has no such constants."""


def without_templates(configuration: Any) -> Any:
    """The same configuration with its expressions as they are for one that was written in the native syntax."""
    if isinstance(configuration, dict):
        if _is_template(configuration):
            configuration = {name: value for name, value in configuration.items() if name != "constant_value"}
        return {name: without_templates(value) for name, value in configuration.items()}
    return [without_templates(value) for value in configuration] if isinstance(configuration, list) else configuration


def _is_template(expression: dict[str, Any]) -> bool:
    constant = expression.get("constant_value")
    return isinstance(constant, str) and ("references" in expression or "${" in constant)
