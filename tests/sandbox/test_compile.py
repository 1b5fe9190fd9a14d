"""The compiler, in a process of its own that can be ended."""

from __future__ import annotations

import pytest
import wasmtime

from gateway.sandbox import compile, compiler
from gateway.sandbox.compile import CompileError, machine_code
from gateway.sandbox.engine import Engine
from tests.sandbox.making import wasm, wat


def leb(number: int) -> bytes:
    """Unsigned LEB128, as WebAssembly has its numbers."""
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def section(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + leb(len(content)) + content


def module(bodies: list[bytes]) -> bytes:
    """A module with these functions, each of type [] → []."""
    count = leb(len(bodies))
    code = count + b"".join(leb(len(body)) + body for body in bodies)
    types, functions = b"\1\x60\0\0", count + bytes(len(bodies))
    return b"\0asm\1\0\0\0" + section(1, types) + section(3, functions) + section(10, code)


MANY_LOCALS = module([b"\1" + leb(50_000) + b"\x7f\x0b"] * 6000)  # 55 kB; many seconds
MANY_CALLS = module([b"\0" + b"\x10\0" * 1_000_000 + b"\x0b"])  # 2 MB; more than half a gigabyte


def test_code_is_this_engines(engine: Engine) -> None:
    loaded = wasmtime.Module.deserialize(engine.wasmtime, machine_code(wasm("echo")))
    assert {export.name for export in loaded.exports} >= {"memory", "mg_alloc", "mg_transform"}


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"\0asm", b"\0asm\1\0\0\0\x0b", b"MZ\x90\0", b"\x7fELF", wat("echo").encode(), b"(module)"],
    ids=lambda content: repr(content[:9]),
)
def test_what_isnt_a_module(content: bytes) -> None:
    with pytest.raises(CompileError) as raised:
        machine_code(content)
    assert "Traceback" not in str(raised.value)
    assert 10 < len(str(raised.value)) <= 2000


def test_a_module_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile, "TIME_LIMIT", 1)
    with pytest.raises(CompileError, match="more than 1 s"):
        machine_code(MANY_LOCALS)


def test_a_module_that_takes_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compile, "MEMORY_LIMIT", 384 << 20)
    with pytest.raises(CompileError, match="more than 384 MiB"):
        machine_code(MANY_CALLS)


def test_a_module_with_too_many_names() -> None:
    def exports(count: int) -> bytes:
        return wasm("shape", imports=" ".join(f'(func (export "f{number}"))' for number in range(count)))

    assert machine_code(exports(compiler.NAMES_LIMIT - 5))
    with pytest.raises(CompileError, match="imports and exports"):
        machine_code(exports(compiler.NAMES_LIMIT - 4))
