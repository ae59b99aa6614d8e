"""Makes a Terraform configuration of many instances."""

from __future__ import annotations

from pathlib import Path

_PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
SOUND_TAGS = 'team = "fraud", cost-center = "cc-4711", environment = "prod"'
_INSTANCE = """
resource "aws_instance" "worker_{number}" {{
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "m6i.large"
  vpc_security_group_ids = ["sg-{number}"]
  tags                   = {{ {tags} }}
}}
"""


def write_configuration(folder: Path, *, instances: int, tags: str) -> None:
    """One root module that declares so many instances with these tags; 900 are about 200 kB."""
    folder.mkdir(parents=True)
    blocks = (_INSTANCE.format(number=number, tags=tags) for number in range(instances))
    (folder / "main.tf").write_text(_PROVIDER + "".join(blocks), encoding="utf-8")
