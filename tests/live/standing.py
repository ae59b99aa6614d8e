"""Runs the real Terraform against a stand-in: plan, apply, and what both look like as JSON."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class Standing(Struct, frozen=True):
    """An estate that was applied: `plan.json` and `state.json` stand beside its `.tf` files."""

    folder: Path
    endpoint: str


class Estate(Struct, frozen=True):
    """A fixture, without what the stand-in cannot make."""

    name: str
    """Its folder in `fixtures/`."""
    variables: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Resource types; with some of them Terraform waits for ever, or its provider falls over."""

    def copied(self, fixtures: Path, top: Path) -> Path:
        """A copy to be applied, without what was made of it before."""
        folder = top / self.name.replace("/", "-")
        shutil.copytree(fixtures / self.name, folder, ignore=shutil.ignore_patterns("*.json", "*.tfstate", "*.md"))
        block = re.compile(rf'^resource "({"|".join(self.without)})" "\w+" \{{\n.*?^\}}\n', re.MULTILINE | re.DOTALL)
        for path in folder.rglob("*.tf") if self.without else ():
            path.write_text(block.sub("", path.read_text()))
        return folder


ESTATES = (
    Estate("state/fraud-serving-aws", ("registry_password",)),
    Estate("state/pricing-aws", ("feed_password",)),
    Estate("terraform/ledger-change-aws", ("ledger_password",)),
    Estate("live/odd-settings-aws"),
    Estate(
        "terraform/feature-lake-aws", (), ("aws_elasticache_replication_group", "aws_lb_listener", "aws_db_instance")
    ),
)
"""`fraud-serving-aws` of `terraform/` is the first with more databases, and most of `ways-out-aws` no stand-in makes."""


def provider_mirror() -> Path | None:
    """A folder of providers as `terraform init -plugin-dir` wants it, with AWS's in it; None without Terraform."""
    if shutil.which("terraform") is None:
        return None
    if "PLUGIN_DIR" in os.environ:
        return Path(os.environ["PLUGIN_DIR"])
    places = [place for place in ("/opt", "/usr/local", "/usr/share", str(Path.home())) if Path(place).is_dir()]
    words = ["find", *places, "-type", "f", "-name", "terraform-provider-aws_v*", "-not", "-path", "*/.terraform/*"]
    found = subprocess.run(words, capture_output=True, text=True, check=False).stdout.splitlines()
    return Path(found[0]).parents[5] if found else None  # registry/namespace/type/version/platform/file


def apply(folder: Path, environment: Mapping[str, str], mirror: Path) -> None:
    """Plan and apply the configuration in a folder."""
    kept = {key: value for key, value in environment.items() if key != "TF_CLI_CONFIG_FILE"}
    quiet = {**kept, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}

    def terraform(*words: str) -> bytes:
        done = subprocess.run(["terraform", *words], cwd=folder, env=quiet, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    terraform("init", "-input=false", f"-plugin-dir={mirror}")
    terraform("plan", "-input=false", "-lock=false", "-out=plan.bin")
    (folder / "plan.json").write_bytes(terraform("show", "-json", "plan.bin"))
    terraform("apply", "-input=false", "-lock=false", "plan.bin")
    (folder / "state.json").write_bytes(terraform("show", "-json"))
