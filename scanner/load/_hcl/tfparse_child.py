"""Evaluates Terraform configurations; run as a program of its own, because a panic in Go ends the whole process.

Started by `evaluator`, which gives it the places to import from as one JSON argument. A request is a JSON array on one
line of standard input: a root module's folder, its workspace, then its variable files relative to it. An answer on
standard output is one line with the number of bytes that follow, then a JSON object: `blocks` (what tfparse found: type
of block to blocks), or `error` (what it says about a configuration that is not valid).
"""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace
from typing import Any, BinaryIO

MEMORY = 4 * 1024**3
"""Bytes that the evaluator may use, where the system can hold it to that: `count = 1000000000` fills any machine."""


def main() -> None:
    """Answer requests until standard input ends."""
    sys.path[:] = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the evaluator prints must not get between the answers
    _limit()
    import tfparse  # noqa: PLC0415  # found only now that the path is set

    # It would parse its JSON only for us to write it down again.
    tfparse.json = SimpleNamespace(loads=bytes)
    for line in sys.stdin.buffer:
        folder, workspace, *variables = json.loads(line)
        _answer(answers, *_evaluate(tfparse, folder, workspace, variables))


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415  # not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _evaluate(tfparse: Any, folder: str, workspace: str, variables: list[str]) -> tuple[bytes, ...]:
    """The parts of an answer."""
    try:
        blocks = tfparse.load_from_path(
            folder, stop_on_hcl_error=True, allow_downloads=False, workspace_name=workspace, vars_paths=variables
        )
    except tfparse.ParseError as error:
        return (b'{"error":', json.dumps(str(error)).encode(), b"}")
    return (b'{"blocks":', blocks, b"}")


def _answer(answers: BinaryIO, *parts: bytes) -> None:
    answers.write(b"%d\n" % sum(map(len, parts)))
    answers.writelines(parts)
    answers.flush()


if __name__ == "__main__":
    main()
