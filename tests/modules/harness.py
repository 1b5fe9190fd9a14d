"""Drives a built module over the ABI `maskgate/1` with wasmtime's public API, and checks every frame that comes back.

Nothing of the gateway is used: what these tests show of a module holds for any host.
"""

import json
import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from wasmtime import Config, Engine, FuncType, Linker, Module, Store, ValType

MODULES = Path(__file__).parents[2] / "modules"
PASS, DROP, REFUSE = 0, 1, 2
REASON = re.compile(r"([a-z][a-z0-9_]*)(?: (0|[1-9][0-9]*))?")


class Output(NamedTuple):
    """One entry of a result. `data` is the message that passed (UTF-8), nothing, or the reason (ASCII)."""

    source: int
    status: int
    data: bytes


class ConfigurationRefused(Exception):
    """`mg_configure` said no; the text is `mg_error`'s."""


class Build:
    """A module's folder: its compiled wasm and its manifest."""

    def __init__(self, name: str, *, lines: bool = False) -> None:
        """`lines`: each message that it passes must be one line, trimmed."""
        self.lines = lines
        self.folder = MODULES / name
        self.manifest: dict[str, Any] = yaml.safe_load((self.folder / "manifest.yaml").read_text("utf-8"))
        config = Config()
        config.epoch_interruption = True  # as a gateway does; it shapes the machine code
        self.engine = Engine(config)
        self.module = Module.from_file(self.engine, self.folder / f"{name}.wasm")


class Guest:
    """One configured instance. `report` holds the counts of the last batch."""

    def __init__(
        self,
        build: Build,
        configuration: object,
        *,
        secrets: Mapping[str, bytes] | None = None,
        memory: int = 64 << 20,
    ) -> None:
        """`configuration`: what JSON can write, or bytes as they are. `memory`: the most it may have, in bytes.

        Raises ConfigurationRefused.
        """
        self.secrets = dict(secrets or {})
        self.asked: list[str] = []  # names of secrets, in the order they were asked for
        self.report: dict[str, int] = {}
        self.store = Store(build.engine)
        self.store.set_epoch_deadline(1 << 40)
        self.store.set_limits(memory_size=memory)
        linker = Linker(build.engine)
        i32 = ValType.i32()
        linker.define_func("maskgate", "secret", FuncType([i32, i32, i32, i32], [i32]), self._secret)
        self.exports: Any = linker.instantiate(self.store, build.module).exports(self.store)
        self.memory: Any = self.exports["memory"]
        self.build = build
        raw = configuration if isinstance(configuration, bytes) else json.dumps(configuration).encode()
        self.names = frozenset(build.manifest["counters"])
        if self.call("mg_configure", raw) != 0:
            raise ConfigurationRefused(self.error())
        for rule in json.loads(raw).get("rules", []):
            finds = rule.get("scan", {}).get("find", [])
            self.names |= {named["name"] for named in (rule, *finds) if "name" in named}

    def _secret(self, name: int, name_len: int, out: int, cap: int) -> int:
        asked = bytes(self.memory.read(self.store, name, name + name_len)).decode()
        self.asked.append(asked)
        if asked not in self.secrets:
            return -1
        if len(self.secrets[asked]) > cap:
            return -2
        self.memory.write(self.store, self.secrets[asked], out)
        return len(self.secrets[asked])

    def call(self, export: str, data: bytes) -> int:
        """Gives `data` to an export that takes a buffer."""
        pointer = self.exports["mg_alloc"](self.store, len(data)) & 0xFFFFFFFF
        self.memory.write(self.store, data, pointer)
        result: int = self.exports[export](self.store, pointer, len(data))
        return result

    def read(self, packed: int) -> bytes:
        pointer, length = packed >> 32 & 0xFFFFFFFF, packed & 0xFFFFFFFF
        assert pointer + length <= self.size
        return bytes(self.memory.read(self.store, pointer, pointer + length))

    def error(self) -> str:
        return self.read(self.exports["mg_error"](self.store)).decode("utf-8")

    @property
    def size(self) -> int:
        """Bytes of memory that it has."""
        size: int = self.memory.data_len(self.store)
        return size

    def transform(self, messages: Sequence[bytes]) -> list[Output]:
        """Runs a batch. The frame that comes back is checked as a host has to."""
        outputs, report = unframe(self.read(self.call("mg_transform", frame(messages))))
        self.report = report
        assert report.keys() <= self.names
        assert all(type(count) is int and count >= 0 for count in report.values())
        sources = [output.source for output in outputs]
        assert sources == sorted(sources)
        assert set(sources) == set(range(len(messages)))
        for output in outputs:
            self._check(output, len(messages[output.source]))
        return outputs

    def _check(self, output: Output, size: int) -> None:
        if output.status == PASS:
            assert output.data.endswith(b"\n")
            if self.build.lines:
                assert not {10, 13} & set(output.data[:-1])
                assert output.data == output.data.strip() + b"\n"
        elif output.status == DROP:
            assert output.data == b""
        else:
            assert output.status == REFUSE
            match = REASON.fullmatch(output.data.decode("ascii"))
            assert match is not None
            assert match[1] in self.build.manifest["refusals"]
            assert match[2] is None or int(match[2]) <= size

    def one(self, message: bytes | str) -> bytes | str | None:
        """One message alone: its result without the line end, the reason if it is refused, None if it is dropped."""
        raw = message.encode() if isinstance(message, str) else message
        (output,) = self.transform([raw])
        if output.status == REFUSE:
            return output.data.decode("ascii")
        return output.data[:-1] if output.status == PASS else None


def frame(messages: Sequence[bytes]) -> bytes:
    """`u32 count | count × u32 end | bytes`."""
    ends, end = [], 0
    for message in messages:
        end += len(message)
        ends.append(end)
    return struct.pack(f"<I{len(ends)}I", len(ends), *ends) + b"".join(messages)


def unframe(result: bytes) -> tuple[list[Output], dict[str, int]]:
    """Entries and report of `u32 count | count × {u32 source, status, end} | u32 report_len | report | bytes`."""
    (count,) = struct.unpack_from("<I", result)
    table_end = 4 + 12 * count
    entries = list(struct.iter_unpack("<III", result[4:table_end]))
    assert len(entries) == count
    (report_len,) = struct.unpack_from("<I", result, table_end)
    start = table_end + 4 + report_len
    assert start <= len(result)
    report = json.loads(result[table_end + 4 : start]) if report_len else {}
    outputs, at = [], 0
    for source, status, end in entries:
        assert at <= end <= len(result) - start
        outputs.append(Output(source, status, result[start + at : start + end]))
        at = end
    assert at == len(result) - start
    return outputs, report
