"""Where modules come from. What a source gives is bytes: whoever installs them verifies them."""

from __future__ import annotations

from typing import Protocol

from gateway.registry.published import Published

SIZE_OF_INDEX = 4 << 20  # bytes


class SourceFailed(Exception):
    """The source can't be read, or gave what it may not. The text says what and where, without credentials."""


class NotThere(SourceFailed):
    """The source has no such module or version."""


class Source(Protocol):
    def names(self) -> list[str]:
        """The modules that it has, sorted. Raises SourceFailed."""
        ...

    def index(self, name: str) -> bytes:
        """A module's index: a DSSE envelope (gateway.registry.index). Raises NotThere, SourceFailed."""
        ...

    def fetch(self, name: str, version: str) -> Published:
        """One version. Raises NotThere, SourceFailed."""
        ...
