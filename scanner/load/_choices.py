"""What whoever runs Terraform or Helm, or audits an account, would choose on the command line."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class Terraform(Struct, frozen=True):
    """The workspace and the variables of a run. They hold for every root module that is scanned."""

    workspace: str = ""
    """Empty where it is not said."""
    values: tuple[Path | tuple[str, str], ...] = ()
    """Variable files, and single variables with their text; a later one wins."""


class Chart(Struct, frozen=True):
    """How a chart is installed."""

    folder: Path
    values: tuple[Path, ...] = ()
    """Files, of which later ones win."""
    namespace: str = ""
    """Empty where it is not said."""
    release: str = ""
    """Empty for the chart's own name."""


class Kubernetes(Struct, frozen=True):
    """What is made of charts and kustomizations, and how much of manifests is read."""

    render: bool = False
    """Let the user's own `helm` and `kubectl` make manifests of them."""
    charts: tuple[Chart, ...] = ()
    schemas: bool = True
    """Read the schemas of CustomResourceDefinitions, too; without it, they may be unknown."""


class Audit(Struct, frozen=True):
    """What is read as it runs, instead of files."""

    source: str
    """The loader that reads it: `aws`."""
    regions: tuple[str, ...] = ()
    """Empty for the one that the SDK's environment names; `all` for every region that is enabled."""
