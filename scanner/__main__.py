"""The `govscan` command, also as `python -m scanner`."""

import gc
from typing import NoReturn


def run() -> NoReturn:
    """Run the command."""
    # What a command reads lives until its partition ends, and holds no cycles before. Looking for some after every 700
    # new objects, as Python does, takes a quarter of the time. A plan of 60 MB with all its findings is more than a
    # million objects: it is judged without a look, and is looked for when the second one after it has come.
    gc.set_threshold(2_000_000, 1, 1)
    from scanner.cli import run as command  # noqa: PLC0415  # importing makes many objects, too

    command()


if __name__ == "__main__":
    run()
