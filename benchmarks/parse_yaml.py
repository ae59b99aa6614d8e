"""The floor for a folder of manifests: parsing every YAML file in it, nothing else."""

import sys
from pathlib import Path

import ryaml

for path in Path(sys.argv[1]).rglob("*.y*ml"):
    try:
        ryaml.loads_all(path.read_text(encoding="utf-8"))
    except (ryaml.InvalidYamlError, UnicodeDecodeError):
        continue  # Helm templates and the like; govscan meets them as well
