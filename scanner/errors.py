"""What can go wrong, and what to do about it.

GovscanError             every error a user may see; always has a hint: what to do next
|-- UsageError           wrong words on the command line, or a path that is not there (exit 2)
|-- ConfigError          govscan.yaml is invalid (exit 2)
|-- PolicyError          a policy or pack is invalid; lists every mistake at once (exit 2)
|-- LoadError            a target could not be read; becomes a Problem, the scan goes on (exit 4)
`-- ReportError          a report could not be written (exit 2)
"""

from __future__ import annotations

HOSTILE_SHAPE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What plainly written code raises on a body of a shape that its schema does not allow. Whoever catches these names
only the type of the error to users: its text may quote a value that is secret."""


class GovscanError(Exception):
    """An error meant for the user: one sentence that says what happened, one that says what to do next."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GovscanError):
    """The command was called in a way that cannot work."""


class ConfigError(GovscanError):
    """A `govscan.yaml` that does not follow its schema."""


class PolicyError(GovscanError):
    """One or more policies that cannot be used; `message` holds one line for each mistake."""


class LoadError(GovscanError):
    """A target that cannot be read. The spine turns it into a `Problem` and goes on."""


class ReportError(GovscanError):
    """A report that cannot be written."""
