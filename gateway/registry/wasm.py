"""What can be told of a WebAssembly binary without compiling or running it.

Source: https://webassembly.github.io/spec/core/binary/modules.html, and for the section `producers`
https://github.com/WebAssembly/tool-conventions/blob/main/ProducersSection.md.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from gateway.registry.binary import Malformed, Reader
from gateway.registry.component_names import ComponentNames, component_names

_CUSTOM, _TYPE, _IMPORT, _FUNCTION, _MEMORY, _EXPORT = 0, 1, 2, 3, 5, 7
_CORE_MODULE = 1  # of a component's sections
_KINDS = ("function", "table", "memory", "global", "tag")
_TYPES = {
    0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128", 0x70: "funcref", 0x6F: "externref",
}  # fmt: skip
_NAMES, _SIGNATURES, _FUNCTIONS, _FIELDS = 1000, 10_000, 1_000_000, 100  # limits


class Item(Struct, frozen=True, kw_only=True):
    """An import or export."""

    name: str  # of an import: `module.name`
    kind: str  # function | table | memory | global | tag; of a component: function | instance | type | …
    type: str = ""  # of a function: `(i32, i32) → i64`


class Shape(Struct, frozen=True, kw_only=True):
    kind: Literal["module", "component"]
    imports: tuple[Item, ...]
    exports: tuple[Item, ...]
    memory: tuple[int, int | None] | None = None  # pages of 64 KiB at the start, and at most
    made_with: tuple[str, ...] = ()  # languages and tools, as the binary says itself
    sections: tuple[tuple[str, int], ...] = ()  # custom sections: name and bytes


def shape(wasm: bytes) -> Shape:
    """Raises Malformed for what isn't a binary of WebAssembly that can be read."""
    names = component_names(wasm)
    return _Core().read(Reader(wasm, 8, len(wasm))) if names is None else _component(wasm, names)


def _component(wasm: bytes, names: ComponentNames) -> Shape:
    """What its core modules say of memory and tools is its own: they are joined to be one program."""
    imports, exports = (
        tuple(Item(name=name, kind=kind) for name, kind in zip(*pair, strict=True))
        for pair in ((names.imports, names.import_kinds), (names.exports, names.export_kinds))
    )
    own = _Core()
    reader = Reader(wasm, 8, len(wasm))
    while not reader.done:
        section, content = reader.byte(), reader.part(reader.u32())
        if section == _CUSTOM:
            own.custom(content)
        elif section == _CORE_MODULE:
            content.part(8)  # the preamble
            try:
                inner = _Core().read(content)
            except (
                Malformed
            ):  # such as an interpreter's thousands of exports to its other half; compiling it has the say
                continue
            own.memory = own.memory or inner.memory
            own.made_with += [tool for tool in inner.made_with if tool not in own.made_with]
    return Shape(
        kind="component",
        imports=imports,
        exports=exports,
        memory=own.memory,
        made_with=tuple(own.made_with),
        sections=tuple(own.sections),
    )


class _Core:
    """A core module's sections, as they come."""

    def __init__(self) -> None:
        self._types: list[str] = []
        self._functions: list[int] = []  # type of each function, imported ones first
        self._imports: list[Item] = []
        self._exports: list[tuple[str, int, int]] = []
        self.memory: tuple[int, int | None] | None = None
        self.made_with: list[str] = []
        self.sections: list[tuple[str, int]] = []

    def read(self, reader: Reader) -> Shape:
        while not reader.done:
            section, content = reader.byte(), reader.part(reader.u32())
            if section == _CUSTOM:
                self.custom(content)
            elif section == _TYPE:
                for _ in range(content.count(_SIGNATURES, "types")):
                    self._types.append(_signature(content))
            elif section == _IMPORT:
                for _ in range(content.count(_NAMES, "imports")):
                    self._import(content)
            elif section == _FUNCTION:
                for _ in range(content.count(_FUNCTIONS, "functions")):
                    self._functions.append(content.u32())
            elif section == _MEMORY and content.count(_NAMES, "memories"):
                self.memory = _limits(content)
            elif section == _EXPORT:
                for _ in range(content.count(_NAMES, "exports")):
                    self._exports.append((content.name(), content.byte(), content.u32()))
        exports = tuple(
            Item(name=name, kind=_kind(kind), type=self._type(at) if kind == 0 else "")
            for name, kind, at in self._exports
        )
        return Shape(
            kind="module",
            imports=tuple(self._imports),
            exports=exports,
            memory=self.memory,
            made_with=tuple(self.made_with),
            sections=tuple(self.sections),
        )

    def _import(self, content: Reader) -> None:
        name, kind = f"{content.name()}.{content.name()}", content.byte()
        text = ""
        if kind == 0:
            self._functions.append(content.u32())
            text = self._type(len(self._functions) - 1)
        elif kind == 1:
            content.byte()
            _limits(content)
        elif kind == 2:
            self.memory = _limits(content)
        else:
            content.byte()
            content.byte() if kind == 3 else content.u32()
        self._imports.append(Item(name=name, kind=_kind(kind), type=text))

    def _type(self, function: int) -> str:
        at = self._functions[function] if function < len(self._functions) else len(self._types)
        return self._types[at] if at < len(self._types) else "?"

    def custom(self, content: Reader) -> None:
        if len(self.sections) == _NAMES:
            raise Malformed(f"it has more than {_NAMES} custom sections")
        name = content.name()
        self.sections.append((name, content.left))
        if name != "producers":
            return
        for _ in range(content.count(_FIELDS, "fields of producers")):
            content.name()
            for _ in range(content.count(_FIELDS, "producers")):
                self.made_with.append(f"{content.name()} {content.name()}".strip())


def _signature(content: Reader) -> str:
    if content.byte() != 0x60:
        raise Malformed("it has a type that isn't a function's")
    given, back = (
        ", ".join(_TYPES.get(content.byte(), "?") for _ in range(content.count(_NAMES, "values"))) for _ in range(2)
    )
    return f"({given}) → {back or '()'}"


def _limits(content: Reader) -> tuple[int, int | None]:
    flags = content.byte()
    if flags > 1:
        raise Malformed("it has a memory or table of a kind that is off: shared, or of 64 bits")
    least = content.u32()
    return least, content.u32() if flags else None


def _kind(number: int) -> str:
    if number >= len(_KINDS):
        raise Malformed("an import or export is of a kind that isn't known here")
    return _KINDS[number]
