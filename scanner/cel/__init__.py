"""The expression language: CEL, the Common Expression Language (https://github.com/google/cel-spec).

Google's own CEL parses and checks; what comes out is evaluated here, in two ways that agree:

- exactly, where unknown values and failures are values (`Program.evaluate`), and
- fast, as plain Python (`Program.fast`, `fuse_all`), right whenever it finishes, raising where it cannot say.

    environment = Environment({"facts.mesh_mtls.mode": "string"})
    program = environment.compile('facts.mesh_mtls.mode == "STRICT"')
    program.evaluate({"facts": {"mesh_mtls": {"mode": "STRICT"}}})      # True

A place that is not known (`model.Unknown`) makes the answer unknown only where the answer hangs on it: `false && x`
is false. Whatever is decided is right for every value that the unknown may turn out to have.
"""

from scanner.cel.environment import CelError, Environment, Mistake, compile  # noqa: A004  # reads as cel.compile
from scanner.cel.explain import Explanation, Read
from scanner.cel.fast import fuse
from scanner.cel.fused import Given, Part, part
from scanner.cel.in_place import is_just, is_unknown
from scanner.cel.joined import Fused, fuse_all, fuse_by_place
from scanner.cel.program import Program
from scanner.cel.values import Failure

__all__ = [
    "CelError",
    "Environment",
    "Explanation",
    "Failure",
    "Fused",
    "Given",
    "Mistake",
    "Part",
    "Program",
    "Read",
    "compile",
    "fuse",
    "fuse_all",
    "fuse_by_place",
    "is_just",
    "is_unknown",
    "part",
]
