"""Compiled code on disk: whole, its own and this engine's, or compiled anew."""

from __future__ import annotations

import hmac
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.sandbox import engine as engine_file
from gateway.sandbox.compile import CompileError, machine_code
from gateway.sandbox.engine import MODULE_LIMIT, Engine
from gateway.sandbox.guest import Guest, Program
from tests.sandbox.making import batch, step, wasm

ROOT = Path(__file__).parent.parent.parent
ECHO = wasm("echo")
OTHER = wasm("remembers")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "data" / "compiled"


@pytest.fixture
def caching(cache: Path) -> Iterator[Engine]:
    engine = Engine(cache)
    yield engine
    engine.close()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The modules that were compiled, and not taken from the cache."""
    done: list[bytes] = []

    def compile(wasm: bytes, *, traces: bool) -> bytes:
        done.append(wasm)
        return machine_code(wasm, traces=traces)

    monkeypatch.setattr(engine_file, "machine_code", compile)
    return done


def works(engine: Engine, binary: bytes = ECHO) -> bool:
    guest = Guest(Program(engine, engine.compile(binary), step(), {}))
    return guest.transform(batch(b"{}")).batch.body == (b"{}" if binary == ECHO else b"")


def entry(cache: Path) -> Path:
    (found,) = cache.glob("*.cwasm")
    return found


def test_a_module_is_compiled_once(caching: Engine, cache: Path, compiled: list[bytes]) -> None:
    assert works(caching)
    assert works(caching)
    again = Engine(cache)
    assert works(again)
    again.close()
    assert compiled == [ECHO]


def test_without_a_cache_nothing_is_kept(engine: Engine, compiled: list[bytes]) -> None:
    assert works(engine)
    assert works(engine)
    assert compiled == [ECHO, ECHO]


def test_nobody_else_may_read_or_write_it(caching: Engine, cache: Path) -> None:
    assert works(caching)
    assert cache.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in cache.iterdir()} == {0o600}
    assert len(list(cache.iterdir())) == 2  # the entry and the key; nothing is left behind


def test_a_folder_that_others_could_write_to_is_taken_back_and_not_believed(
    cache: Path, compiled: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    first = Engine(cache)
    assert works(first)
    first.close()
    key = (cache / "key").read_bytes()
    for mode, believed in ((0o750, True), (0o770, False), (0o707, False)):
        cache.chmod(mode)
        compiled.clear()
        engine = Engine(cache)
        assert cache.stat().st_mode & 0o777 == 0o700
        assert works(engine)
        engine.close()
        assert (compiled == []) is believed
        assert ((cache / "key").read_bytes() == key) is believed
        assert ("others could write" in caplog.text) is not believed
        caplog.clear()
        key = (cache / "key").read_bytes()


@pytest.mark.parametrize("at", [0, 31, 32, 100, -1])
def test_an_entry_that_was_altered(
    caching: Engine, cache: Path, compiled: list[bytes], caplog: pytest.LogCaptureFixture, at: int
) -> None:
    assert works(caching)
    content = bytearray(entry(cache).read_bytes())
    content[at] ^= 1
    entry(cache).write_bytes(content)
    assert works(caching)
    assert compiled == [ECHO, ECHO]
    assert "was altered" in caplog.text
    assert works(caching)  # and it was put right
    assert len(compiled) == 2


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 5000])
def test_an_entry_that_was_cut_off(caching: Engine, cache: Path, compiled: list[bytes], length: int) -> None:
    assert works(caching)
    entry(cache).write_bytes(entry(cache).read_bytes()[:length])
    assert works(caching)
    assert compiled == [ECHO, ECHO]


def _folder(path: Path) -> None:
    (path / "more").mkdir(parents=True)


def _link(path: Path) -> None:
    path.with_name("elsewhere").write_bytes(path.with_name("content").read_bytes())
    path.symlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize("instead", [_folder, os.mkfifo, _link], ids=["folder", "pipe", "link"])
def test_an_entry_that_isnt_a_file(
    caching: Engine,
    cache: Path,
    compiled: list[bytes],
    caplog: pytest.LogCaptureFixture,
    instead: Callable[[Path], None],
) -> None:
    assert works(caching)
    path = entry(cache)
    path.rename(path.with_name("content"))
    instead(path)
    assert works(caching)
    assert compiled == [ECHO, ECHO]
    assert f"compiled module {path.name} can't be read" in caplog.text


@pytest.mark.parametrize("key", [b"", b"short", b"\0" * 33], ids=len)
def test_a_key_that_isnt_whole_is_made_anew(
    cache: Path, compiled: list[bytes], caplog: pytest.LogCaptureFixture, key: bytes
) -> None:
    """As after a power cut. Nothing that was signed with it counts."""
    for _ in range(2):
        engine = Engine(cache)
        assert works(engine)
        engine.close()
        (cache / "key").write_bytes(key)
        content = entry(cache).read_bytes()[32:]
        entry(cache).write_bytes(hmac.digest(key, entry(cache).name.encode() + b"\0" + content, "sha256") + content)
    assert compiled == [ECHO, ECHO]
    assert f"the key of {cache} isn't one" in caplog.text


def test_a_key_that_isnt_a_file_is_named(cache: Path) -> None:
    for made in (lambda path: path.mkdir(parents=True), os.mkfifo):
        cache.mkdir(parents=True, exist_ok=True)
        made(cache / "key")
        with pytest.raises(OSError, match="key"):
            Engine(cache)
        shutil.rmtree(cache)


def test_the_folder_of_somebody_else_keeps_nothing(
    cache: Path, compiled: list[bytes], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Root could take its mode, but not what its owner may do."""
    engine = Engine(cache)
    assert works(engine)
    engine.close()
    monkeypatch.setattr(os, "geteuid", lambda: cache.stat().st_uid + 1)
    engine = Engine(cache)
    assert works(engine)
    engine.close()
    assert compiled == [ECHO, ECHO]
    assert f"{cache} is somebody else's" in caplog.text


def test_an_entry_under_another_name(caching: Engine, cache: Path, compiled: list[bytes]) -> None:
    assert works(caching)
    of_echo = entry(cache)
    code = of_echo.read_bytes()
    of_echo.unlink()
    assert works(caching, OTHER)
    entry(cache).write_bytes(code)  # well signed, but another module's
    assert works(caching, OTHER)
    assert compiled == [ECHO, OTHER, OTHER]


def test_an_entry_under_another_key(caching: Engine, cache: Path, compiled: list[bytes]) -> None:
    assert works(caching)
    (cache / "key").write_bytes(bytes(32))
    other = Engine(cache)
    assert works(other)
    other.close()
    assert compiled == [ECHO, ECHO]


def test_well_signed_code_that_isnt_the_engines(
    caching: Engine, cache: Path, compiled: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    assert works(caching)
    name = entry(cache).name
    entry(cache).write_bytes(caching._mac(name, b"\x7fELF of another version"))
    assert works(caching)
    assert compiled == [ECHO, ECHO]
    assert "of another engine" in caplog.text


def test_a_disk_that_takes_nothing(
    caching: Engine, compiled: list[bytes], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    caplog.set_level(logging.WARNING)
    assert works(caching)
    assert works(caching)
    assert compiled == [ECHO, ECHO]
    assert "No space left" in caplog.text


def test_two_processes_compile_at_once(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "echo.wasm").write_bytes(ECHO)
    code = (
        "import sys, pathlib; from gateway.sandbox.engine import Engine\n"
        "engine = Engine(pathlib.Path(sys.argv[1]))\n"
        "print(len(engine.compile(pathlib.Path(sys.argv[2]).read_bytes()).exports), engine._key.hex())\n"
        "engine.close()\n"
    )
    command = [sys.executable, "-c", code, str(cache), str(tmp_path / "echo.wasm")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) for _ in range(3)]
    said = [process.communicate(timeout=60) for process in running]
    assert [errors for _, errors in said] == [b"", b"", b""]
    assert len({out for out, _ in said}) == 1  # one key for all
    assert len(list(cache.iterdir())) == 2
    assert entry(cache).stat().st_size > 1000


def test_a_module_that_is_too_large(engine: Engine, compiled: list[bytes]) -> None:
    with pytest.raises(CompileError, match=str(MODULE_LIMIT)):
        engine.compile(bytes(MODULE_LIMIT + 1))
    assert not compiled
