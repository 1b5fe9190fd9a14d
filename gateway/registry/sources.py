"""Where modules come from. What a source gives is bytes: whoever installs them verifies them."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from gateway.registry.published import Published


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


@runtime_checkable
class Tagged(Protocol):
    """A source that can say without an index which versions it has, though nobody vouches for that."""

    def versions(self, name: str) -> list[str]:
        """The lowest first. Raises NotThere, SourceFailed."""
        ...
