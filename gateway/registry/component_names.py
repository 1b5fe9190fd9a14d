"""Which kind of WebAssembly a binary is, and what a component imports and exports, without compiling it.

Source: the component model's Binary.md (https://github.com/WebAssembly/component-model), sections 10 (import) and 11
(export) of the outermost component; core modules: https://webassembly.github.io/spec/core/binary/modules.html.
"""

from __future__ import annotations

from msgspec import Struct

from gateway.registry.binary import Malformed, Reader

_MAGIC = b"\0asm"
_CORE = b"\x01\0\0\0"
_COMPONENT_LAYER = b"\x01\0"  # after two bytes of the format's version
_IMPORTS, _EXPORTS = 10, 11
_NAMES_LIMIT, _NAMES = 1000, "imports and exports"


class ComponentNames(Struct, frozen=True, kw_only=True):
    """Names as the component has them, such as `wasi:cli/run@0.2.0`, in its order."""

    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()


def component_names(wasm: bytes) -> ComponentNames | None:
    """The names of a component; None for a core module. Raises Malformed."""
    if wasm[:4] != _MAGIC or len(wasm) < 8:
        raise Malformed("it isn't a WebAssembly binary")
    if wasm[4:8] == _CORE:
        return None
    if wasm[6:8] != _COMPONENT_LAYER:
        raise Malformed("it is neither a core module nor a component")
    reader = Reader(wasm, 8, len(wasm))
    imports: list[str] = []
    exports: list[str] = []
    while not reader.done:
        section = reader.byte()
        content = reader.part(reader.u32())
        if section == _IMPORTS:
            for _ in range(content.count(_NAMES_LIMIT, _NAMES)):
                imports.append(_external_name(content))
                _described(content)
        elif section == _EXPORTS:
            for _ in range(content.count(_NAMES_LIMIT, _NAMES)):
                exports.append(_external_name(content))
                _sort_index(content)
                if content.byte():  # an ascribed type follows
                    _described(content)
        if len(imports) + len(exports) > _NAMES_LIMIT:
            raise Malformed(f"it has more than {_NAMES_LIMIT} {_NAMES}")
    return ComponentNames(imports=tuple(imports), exports=tuple(exports))


def _external_name(reader: Reader) -> str:
    # 0: a plain name; 1: the same, as older encoders marked interfaces. 2 has options that no release writes.
    if reader.byte() > 1:
        raise Malformed("a name is written in a way that isn't known here")
    return reader.name()


def _sort_index(reader: Reader) -> None:
    if reader.byte() == 0:  # a core sort: one byte more
        reader.byte()
    reader.u32()


def _described(reader: Reader) -> None:
    """Skip an `externdesc`."""
    kind = reader.byte()
    if kind == 0x00:  # core module
        reader.byte()
        reader.u32()
    elif kind == 0x03:  # a type: bound to another, or a resource
        if reader.byte() == 0:
            reader.u32()
    elif kind in (0x01, 0x04, 0x05):  # function, component, instance
        reader.u32()
    else:
        raise Malformed("an import or export is of a kind that isn't known here")
