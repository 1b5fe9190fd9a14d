"""What is wrong with a file that people write, and where."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

_LENGTH = 1_000  # characters


class Place(Struct, frozen=True, kw_only=True, order=True):
    """`file` relative to its folder, with forward slashes; `line` and `column` count from 1, columns in characters."""

    file: str
    line: int = 1
    column: int = 1


class Finding(Struct, frozen=True, kw_only=True, order=True):
    """One thing to change. `message` never holds a credential or a secret."""

    file: str
    line: int
    column: int
    code: str  # stable, [a-z_]+
    message: str

    @classmethod
    def at(cls, place: Place, code: str, message: str) -> Finding:
        """The message is cut at 1,000 characters; those that a terminal would obey (a module's author has a say) go."""
        if not message.isprintable():
            message = "".join(map(_shown, message[: _LENGTH + 1]))
        if len(message) > _LENGTH:
            message = message[: _LENGTH - 1] + "…"
        return cls(file=place.file, line=place.line, column=place.column, code=code, message=message)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else " " if letter.isspace() else "\ufffd"


class PolicyError(Exception):
    """The files say something that can't be served. `findings` has all that was found, sorted by place."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))
