"""The floor for a plan: parsing it, nothing else."""

import sys
from pathlib import Path

import orjson

orjson.loads(Path(sys.argv[1]).read_bytes())
