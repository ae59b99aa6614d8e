"""What Argo CD or Flux may install: a chart (`_helm.Release`), a kustomization, a folder, or nobody knows."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from scanner.load._charts.helm import Release


class Overlay(Struct, frozen=True):
    """A kustomization as it is installed."""

    folder: Path
    namespace: str = ""
    """Empty where that is not known."""
    everywhere: bool = False
    """The namespace replaces those that objects name, as Flux's `targetNamespace` does."""
    settings: str = ""
    """Fields of a kustomization around it, as JSON: the controller's own prefixes, images, labels and patches."""
    variables: str = ""
    """What Flux puts in place of `${name}`, see `flux_variables`; empty where it leaves that alone."""


class Source(Struct, frozen=True):
    """A ConfigMap or Secret that Flux takes values from."""

    kind: str
    name: str
    key: str
    target: str = ""
    """The path of the one value that it holds; empty where it holds a whole values file."""
    optional: bool = False


class Awaiting(Struct, frozen=True):
    """Something that Flux installs with what ConfigMaps hold."""

    what: Release | Overlay
    namespace: str
    """Of the ConfigMaps."""
    sources: tuple[Source, ...]
    inline: str
    """What is written in place and wins, as JSON."""


class Folder(Struct, frozen=True):
    """Plain manifests as they are installed."""

    folder: Path
    namespace: str = ""
    everywhere: bool = False
    """As for a kustomization."""
    deep: bool = False
    """Folders inside count as well."""
    variables: str = ""
    """As for a kustomization."""

    def holds(self, file: Path) -> bool:
        """Whether a file, by its real path, is installed with it."""
        return file.parent == self.folder or (self.deep and self.folder in file.parents)


class Unclear(Struct, frozen=True):
    """Something is installed, but the files do not tell what."""

    why: str


UNCLEAR = Unclear("application of a controller that files alone do not tell, not followed")

Installable = Release | Overlay | Awaiting | Folder | Unclear
