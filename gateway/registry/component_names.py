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
_SORTS = {0x01: "function", 0x03: "type", 0x04: "component", 0x05: "instance", 0x11: "core module"}
_NAMES_LIMIT, _NAMES = 1000, "imports and exports"


class ComponentNames(Struct, frozen=True, kw_only=True):
    """Names as the component has them, such as `wasi:cli/run@0.2.0`, in its order; and what each of them is."""

    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    import_kinds: tuple[str, ...] = ()
    export_kinds: tuple[str, ...] = ()


def component_names(wasm: bytes) -> ComponentNames | None:
    """The names of a component; None for a core module. Raises Malformed."""
    if wasm[:4] != _MAGIC or len(wasm) < 8:
        raise Malformed("it isn't a WebAssembly binary")
    if wasm[4:8] == _CORE:
        return None
    if wasm[6:8] != _COMPONENT_LAYER:
        raise Malformed("it is neither a core module nor a component")
    reader = Reader(wasm, 8, len(wasm))
    imports: list[tuple[str, str]] = []
    exports: list[tuple[str, str]] = []
    while not reader.done:
        section = reader.byte()
        content = reader.part(reader.u32())
        if section == _IMPORTS:
            for _ in range(content.count(_NAMES_LIMIT, _NAMES)):
                imports.append((_external_name(content), _described(content)))
        elif section == _EXPORTS:
            for _ in range(content.count(_NAMES_LIMIT, _NAMES)):
                exports.append((_external_name(content), _sort_index(content)))
                if content.byte():  # an ascribed type follows
                    _described(content)
        if len(imports) + len(exports) > _NAMES_LIMIT:
            raise Malformed(f"it has more than {_NAMES_LIMIT} {_NAMES}")
    return ComponentNames(
        imports=tuple(name for name, _ in imports),
        exports=tuple(name for name, _ in exports),
        import_kinds=tuple(kind for _, kind in imports),
        export_kinds=tuple(kind for _, kind in exports),
    )


def _external_name(reader: Reader) -> str:
    # 0: a plain name; 1: the same, as older encoders marked interfaces. 2 has options that no release writes.
    if reader.byte() > 1:
        raise Malformed("a name is written in a way that isn't known here")
    return reader.name()


def _sort_index(reader: Reader) -> str:
    """Skip the sort and index of an export. Which sort it is."""
    sort = reader.byte()
    if sort == 0:  # a core sort: one byte more
        sort = reader.byte() or 0x11
    reader.u32()
    return _SORTS.get(sort, "item")


def _described(reader: Reader) -> str:
    """Skip an `externdesc`. Which sort it is."""
    kind = reader.byte()
    if kind == 0x00:  # core module
        reader.byte()
        reader.u32()
        return "core module"
    if kind == 0x03:  # a type: bound to another, or a resource
        if reader.byte() == 0:
            reader.u32()
    elif kind in (0x01, 0x04, 0x05):  # function, component, instance
        reader.u32()
    else:
        raise Malformed("an import or export is of a kind that isn't known here")
    return _SORTS[kind]
