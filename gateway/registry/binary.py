"""Reading WebAssembly binaries that nobody vouches for: a cursor that can't leave its bytes.

Source: https://webassembly.github.io/spec/core/binary/ (values, LEB128).
"""

from __future__ import annotations


class Malformed(ValueError):
    """The bytes are no WebAssembly binary, or none that can be read. The text says what is wrong."""


class Reader:
    """A cursor over bytes[at:end]."""

    def __init__(self, content: bytes, at: int, end: int) -> None:
        self._content, self._at, self._end = content, at, end

    @property
    def done(self) -> bool:
        return self._at == self._end

    def byte(self) -> int:
        if self._at >= self._end:
            raise Malformed("it ends in the midst of a section")
        self._at += 1
        return self._content[self._at - 1]

    def u32(self) -> int:
        """LEB128, five bytes at most."""
        value = 0
        for shift in range(0, 35, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise Malformed("a number has more than five bytes")

    def part(self, size: int) -> Reader:
        start = self._at
        if size > self._end - start:
            raise Malformed("a section is longer than the file")
        self._at += size
        return Reader(self._content, start, self._at)

    def rest(self) -> bytes:
        """What is left, all of it."""
        start, self._at = self._at, self._end
        return self._content[start : self._end]

    def name(self) -> str:
        """A name: its length and UTF-8."""
        try:
            return self.part(self.u32()).rest().decode()
        except UnicodeDecodeError:
            raise Malformed("a name isn't UTF-8") from None

    def count(self, most: int, what: str) -> int:
        """How many entries of a vector follow; more than `most` are refused."""
        count = self.u32()
        if count > most:
            raise Malformed(f"it has more than {most} {what}")
        return count

    @property
    def left(self) -> int:
        """Bytes."""
        return self._end - self._at
