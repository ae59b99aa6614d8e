"""Makes a Terraform configuration of many instances."""

from __future__ import annotations

from pathlib import Path

_PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
_INSTANCE = """
resource "aws_instance" "worker_{number}" {{
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "m6i.large"
  vpc_security_group_ids = ["sg-{number}"]
  tags                   = {{ team = "fraud" }}
}}
"""


def write_configuration(folder: Path, *, instances: int) -> None:
    """One root module that declares so many instances; 900 are 190 kB."""
    folder.mkdir(parents=True)
    blocks = (_INSTANCE.format(number=number) for number in range(instances))
    (folder / "main.tf").write_text(_PROVIDER + "".join(blocks), encoding="utf-8")
