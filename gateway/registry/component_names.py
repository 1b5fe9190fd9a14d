"""Which kind of WebAssembly a binary is, and what a component imports and exports, without compiling it.

Source: the component model's Binary.md (https://github.com/WebAssembly/component-model), sections 10 (import) and 11
(export) of the outermost component; core modules: https://webassembly.github.io/spec/core/binary/modules.html.
"""

from __future__ import annotations

from msgspec import Struct

_MAGIC = b"\0asm"
_CORE = b"\x01\0\0\0"
_COMPONENT_LAYER = b"\x01\0"  # after two bytes of the format's version
_IMPORTS, _EXPORTS = 10, 11
_NAMES_LIMIT = 1000


class ComponentNames(Struct, frozen=True, kw_only=True):
    """Names as the component has them, such as `wasi:cli/run@0.2.0`, in its order."""

    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()


class Malformed(ValueError):
    """The bytes are no WebAssembly binary, or no component that can be read. The text says what is wrong."""


def component_names(wasm: bytes) -> ComponentNames | None:
    """The names of a component; None for a core module. Raises Malformed."""
    if wasm[:4] != _MAGIC or len(wasm) < 8:
        raise Malformed("it isn't a WebAssembly binary")
    if wasm[4:8] == _CORE:
        return None
    if wasm[6:8] != _COMPONENT_LAYER:
        raise Malformed("it is neither a core module nor a component")
    reader = _Reader(wasm, 8, len(wasm))
    imports: list[str] = []
    exports: list[str] = []
    while not reader.done:
        section = reader.byte()
        content = reader.part(reader.u32())
        if section == _IMPORTS:
            for _ in range(content.count()):
                imports.append(content.external_name())
                content.described()
        elif section == _EXPORTS:
            for _ in range(content.count()):
                exports.append(content.external_name())
                content.sort_index()
                if content.byte():  # an ascribed type follows
                    content.described()
        if len(imports) + len(exports) > _NAMES_LIMIT:
            raise Malformed(f"it has more than {_NAMES_LIMIT} imports and exports")
    return ComponentNames(imports=tuple(imports), exports=tuple(exports))


class _Reader:
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

    def part(self, size: int) -> _Reader:
        start = self._at
        if size > self._end - start:
            raise Malformed("a section is longer than the file")
        self._at += size
        return _Reader(self._content, start, self._at)

    def count(self) -> int:
        count = self.u32()
        if count > _NAMES_LIMIT:
            raise Malformed(f"it has more than {_NAMES_LIMIT} imports and exports")
        return count

    def external_name(self) -> str:
        # 0: a plain name; 1: the same, as older encoders marked interfaces. 2 has options that no release writes.
        if self.byte() > 1:
            raise Malformed("a name is written in a way that isn't known here")
        name = self.part(self.u32())
        try:
            return name._content[name._at : name._end].decode()
        except UnicodeDecodeError:
            raise Malformed("a name isn't UTF-8") from None

    def sort_index(self) -> None:
        if self.byte() == 0:  # a core sort: one byte more
            self.byte()
        self.u32()

    def described(self) -> None:
        """Skip an `externdesc`."""
        kind = self.byte()
        if kind == 0x00:  # core module
            self.byte()
            self.u32()
        elif kind == 0x03:  # a type: bound to another, or a resource
            if self.byte() == 0:
                self.u32()
        elif kind in (0x01, 0x04, 0x05):  # function, component, instance
            self.u32()
        else:
            raise Malformed("an import or export is of a kind that isn't known here")
