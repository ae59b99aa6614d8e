"""Text -> `Program`, with Google's CEL as the front end: it parses, expands macros and checks types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from msgspec import Struct

from scanner.cel.decode import UnsupportedError, decode
from scanner.cel.program import Program
from scanner.cel.types import declared
from scanner.patterns import regex

_LONGEST = 100_000
"""Characters; CEL's own limit."""
_ERROR = regex(r"ERROR: <input>:(-?\d+):(-?\d+): (.*?)(?=\n \||\nERROR: |\Z)", re.DOTALL)
_STATUS = regex(r"^[A-Z_]+: |\s*\[[A-Z_]+\]\s*$")


class Mistake(Struct, frozen=True):
    """What is wrong with an expression, and where; line and column count from 1."""

    line: int
    column: int
    message: str


class CelError(Exception):
    """An expression that does not parse, names something undeclared or has a type error. Lists every mistake."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("; ".join(f"{found.line}:{found.column}: {found.message}" for found in mistakes))
        self.mistakes = mistakes


class Environment:
    """The variables that expressions may use: dotted name to CEL type text, such as `map(string, dyn)`.

    Make one and compile many expressions with it. Raises ValueError for a type that CEL does not have. With
    `kubernetes`, functions are those of the Kubernetes API server only, and `authorizer` is a variable. Without, they
    are offered beside our own, so that an expression copied from an admission policy runs.
    """

    def __init__(self, variables: Mapping[str, str], *, kubernetes: bool = False) -> None:
        self._variables = frozenset(variables) | (frozenset(_of_kubernetes().VARIABLES) if kubernetes else frozenset())
        self._declared = tuple(sorted(variables.items()))
        self._front_end = _front_end(self._declared, "kubernetes" if kubernetes else "own")
        self._kubernetes = kubernetes

    def compile(self, text: str) -> Program:
        """A checked expression, ready to run. Raises `CelError`."""
        if len(text) > _LONGEST:
            raise CelError((Mistake(1, 1, f"the expression is longer than {_LONGEST:,} characters"),))
        try:
            text.encode()  # the front end takes valid Unicode only
            tree, kind = decode(self._front_end.compile(text).serialize(), self._variables)
        except UnicodeError as error:
            raise CelError(_mistakes(str(error))) from None
        except RuntimeError as error:
            if self._kubernetes:
                raise CelError(_mistakes(str(error))) from None
            return self._widely(text)
        except UnsupportedError as error:
            raise CelError((_at(text, error.at, str(error)),)) from None
        return Program(text, kind, tree)

    def _widely(self, text: str) -> Program:
        """With everything else that is offered: setting this up costs as much as twenty expressions."""
        try:
            try:
                compiled = _front_end(self._declared, "both").compile(text)
            except RuntimeError:
                compiled = _front_end(self._declared, "both, and lists").compile(text)
            tree, kind = decode(compiled.serialize(), self._variables)
        except RuntimeError as error:
            raise CelError(_mistakes(str(error))) from None
        except UnsupportedError as error:
            raise CelError((_at(text, error.at, str(error)),)) from None
        return Program(text, kind, tree)


def compile(text: str, variables: Mapping[str, str]) -> Program:  # noqa: A001  # reads as cel.compile
    """Compile one expression; for many, make an `Environment`. Raises `CelError`."""
    return Environment(variables).compile(text)


def _mistakes(report: str) -> tuple[Mistake, ...]:
    """Take the front end's report apart; a report of another shape becomes one mistake."""
    found = [
        Mistake(max(int(line), 1), max(int(column), 1), _STATUS.sub("", message).strip())
        for line, column, message in _ERROR.findall(report)
    ]
    return tuple(dict.fromkeys(found)) or (Mistake(1, 1, _STATUS.sub("", report).strip()),)


def _at(text: str, offset: int, message: str) -> Mistake:
    before = text[:offset]
    return Mistake(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1, message)


def _of_kubernetes() -> ModuleType:
    from scanner.cel.kubernetes import declared  # noqa: PLC0415  # govscan's own policies need none of it

    return declared


@cache
def _front_end(variables: tuple[tuple[str, str], ...], functions: str) -> Any:
    """Google's environment for these variables, with the functions of `kubernetes`, our `own`, or `both`.

    `both, and lists` has the lists extension in the place of what cannot stand beside it.
    Making one costs as much as ten expressions, so each is made once.
    """
    from cel_expr_python import cel  # noqa: PLC0415  # only a run that compiles expressions pays for it
    from cel_expr_python.ext import ext_bindings, ext_encoders, ext_math, ext_optional, ext_strings  # noqa: PLC0415

    types = {name: declared(kind) for name, kind in variables}
    if functions != "own":
        of_server, of_lists = functions == "kubernetes", functions != "both"
        config = cel.NewEnvConfigFromYaml(_of_kubernetes().environment(of_server=of_server, of_lists=of_lists))
        more = (ext_math.ExtMath, ext_bindings.ExtBindings, ext_encoders.ExtEncoders)
        ours = [extension() for extension in more] if not of_server else []
        return cel.NewEnv(config=config, variables=types, extensions=ours)
    return cel.NewEnv(
        variables=types,
        extensions=[
            ext_strings.ExtStrings(),
            ext_math.ExtMath(),
            ext_optional.ExtOptional(),
            ext_bindings.ExtBindings(),
        ],
    )
