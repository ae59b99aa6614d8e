"""The floor for a configuration: evaluating every folder of it that has .tf files, nothing else."""

import sys
from pathlib import Path

import tfparse

for folder in sorted({path.parent for path in Path(sys.argv[1]).rglob("*.tf")}):
    tfparse.load_from_path(folder, stop_on_hcl_error=True, allow_downloads=False)
