"""A module that holds every grant for files, clocks and the log, in the path that messages take; and without them."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from gateway.documents.finding import PolicyError
from gateway.policy.load import load
from gateway.registry.store import ModuleStore
from gateway.sandbox import host
from tests.building import Place
from tests.conftest import serving
from tests.sandbox.making import escaped
from tests.sandbox.sequence import Call, import_of, value_of
from tests.sandbox.test_wasi import HARMLESS, NEVER, opened

pytestmark = pytest.mark.anyio

ORDER = json.dumps({"order_id": "o-1", "customer": {"email": "zoe@mail.example"}})
NAME, OTHER, TEXT, VECTOR, SECRET, OUT, FD = 100, 300, 500, 700, 740, 4000, 800  # addresses, as in test_wasi
FILE, SECOND = ("at", FD), ("at", FD + 8)
CALLS: list[Call] = [
    opened("file", 1),
    ("fd_fdstat_get", FILE, OUT), ("fd_filestat_get", FILE, OUT), ("fd_advise", FILE, 0, 0, 0),
    ("fd_fdstat_set_flags", FILE, 0), ("fd_write", FILE, VECTOR, 1, OUT), ("fd_pwrite", FILE, VECTOR, 1, 5, OUT),
    ("fd_seek", FILE, 0, 0, OUT), ("fd_read", FILE, VECTOR + 8, 1, OUT), ("fd_tell", FILE, OUT),
    ("fd_pread", FILE, VECTOR + 8, 1, 0, OUT), ("fd_allocate", FILE, 0, 20), ("fd_filestat_set_size", FILE, 10),
    ("fd_filestat_set_times", FILE, 0, 0, 10), ("fd_sync", FILE), ("fd_datasync", FILE),
    ("path_filestat_get", 3, 0, NAME, 4, OUT), ("path_filestat_set_times", 3, 0, NAME, 4, 0, 0, 10),
    ("fd_readdir", 3, OUT, 1000, 0, OUT + 2000), ("fd_prestat_get", 3, OUT), ("fd_prestat_dir_name", 3, OUT, 1000),
    ("path_open", 3, 0, NAME, 4, 0, 2, 0, 0, FD + 8), ("fd_renumber", FILE, SECOND), ("fd_close", SECOND),
    ("path_create_directory", 3, OTHER, 3), ("path_remove_directory", 3, OTHER, 3),
    ("path_rename", 3, NAME, 4, 3, OTHER, 3), ("path_open", 3, 0, NAME, 4, 1, 64, 0, 0, FD),
    ("path_unlink_file", 3, NAME, 4),
    ("fd_write", 1, VECTOR, 1, OUT), ("clock_time_get", 0, 0, OUT), ("clock_res_get", 0, OUT),
    ("poll_oneoff", 2000, OUT, 1, OUT + 100), ("random_get", OUT, 8), ("sched_yield",), ("args_sizes_get", OUT, OUT),
    ("args_get", OUT, OUT), ("environ_sizes_get", OUT, OUT), ("environ_get", OUT, OUT + 8),
]  # fmt: skip


def guest(calls: list[Call]) -> str:
    """Calls all; the message becomes {} if each answered 0, and [] otherwise. Then it calls what nobody may."""
    all_calls = [*calls, *NEVER.values()]
    imports = "\n".join(import_of(name) for name in dict.fromkeys(name for name, *_ in all_calls))
    makes = [f"(call ${name} {value_of(name, arguments)})" for name, *arguments in calls]
    never = [f"(drop (call ${name} {value_of(name, arguments)}))" for name, *arguments in NEVER.values()]
    vectors = TEXT.to_bytes(4, "little") + (5).to_bytes(4, "little") + OUT.to_bytes(4, "little") + bytes((100, 0, 0, 0))
    data = {NAME: b"file", OTHER: b"new", TEXT: b"hello", VECTOR: vectors}
    segments = "\n".join(f'(data (i32.const {at}) "{escaped(content)}")' for at, content in data.items())
    return f"""(module
  {imports}
  (memory (export "memory") 2)
  {segments}
  (data (i32.const 9000) "\\01\\00\\00\\00" "\\00\\00\\00\\00" "\\00\\00\\00\\00" "\\02\\00\\00\\00" "\\00\\00\\00\\00")
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param i32 i32) (result i64) (local $failed i32)
    {" ".join(f"(local.set $failed (i32.or (local.get $failed) {one}))" for one in makes)}
    {" ".join(never)}
    (i32.store16 (i32.const 9020) (select (i32.const 0x5d5b) (i32.const 0x7d7b) (local.get $failed)))
    (i64.const {9000 << 32 | 22})))"""


WRITER = guest([("sched_yield",)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "granted").mkdir()
    return tmp_path / "granted"


def behind_the_mask(place: Place, folder: Path, text: str, *grants: str) -> None:
    """What goes to crm passes through a module of this text, which asks for `grants`."""
    wat = folder.parent / "writer.wat"
    wat.write_text(text, encoding="utf-8")
    place.add_guest("writer", wat, manifest={"capabilities": {"optional": list(grants)}})
    destination = place.read("destinations/crm.yaml")
    place.write("destinations/crm.yaml", {**destination, "steps": [{"module": "writer", "with": {}}]})


def hold(place: Place, condition: str = "true") -> None:
    place.permit('principal == Module::"writer", action == Action::"hold", resource) when { ' + condition + " }; //")


def test_every_function_is_called() -> None:
    assert {name for name, *_ in CALLS} | {*NEVER, "proc_exit"} == set(host._WASI)


async def test_with_its_grants_all_of_it_works(place: Place, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    grants = ["clock", "log", "random", f"fs:write:{folder}"]
    behind_the_mask(place, folder, guest(CALLS), *grants)
    hold(place)
    caplog.set_level(logging.INFO, "maskgate.module")
    async with serving(place) as client:
        assert (await client.post("orders", ORDER)).status_code == 200
        (decision,) = await client.decisions()
    assert place.delivered("crm") == b"{}\n"
    plan = next(plan for plan in decision["plans"] if plan["destination"] == "crm")
    assert plan["steps"][-1]["grants"] == sorted(grants)
    assert plan["denied"] == {f"writer.{name}": 1 for name in NEVER}
    assert [path.name for path in folder.iterdir()] == ["new"]
    assert (folder / "new").read_bytes() == b"hellohello"
    assert caplog.messages == ["writer: 'hello'"]


async def test_without_them_each_attempt_is_in_the_decision_and_nothing_happens(
    place: Place, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    behind_the_mask(place, folder, guest(CALLS), "clock", "log", "random", f"fs:write:{folder}")
    caplog.set_level(logging.INFO, "maskgate.module")
    async with serving(place) as client:
        assert (await client.post("orders", ORDER)).status_code == 200
        (decision,) = await client.decisions()
        metrics = (await client.http.get("/metrics")).text
    assert place.delivered("crm") == b"[]\n"
    plan = next(plan for plan in decision["plans"] if plan["destination"] == "crm")
    assert plan["steps"][-1]["grants"] == []
    expected = {f"writer.{name}": 1 for name in host._WASI if name not in HARMLESS}
    assert plan["denied"] == expected | {"writer.path_open": 3, "writer.fd_write": 2}
    for name in expected:
        assert f'maskgate_denied_attempts_total{{module="writer",name="{name.partition(".")[2]}"}}' in metrics
    assert list(folder.iterdir()) == []
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("grant", "code"), [("log", "logs_before_mask"), ("fs:write:/srv", "writes_before_mask")], ids=["log", "write"]
)
def test_what_decides_where_a_message_goes_reads_it_in_clear_and_writes_nothing(
    place: Place, folder: Path, grant: str, code: str
) -> None:
    wat = folder.parent / "filter.wat"
    wat.write_text(WRITER, encoding="utf-8")
    place.add_guest("json-filter", wat, manifest={"capabilities": {"optional": [grant]}})
    place.permit('principal == Module::"json-filter", action == Action::"hold", resource')
    stream = place.read("streams/orders.yaml")
    place.write("streams/orders.yaml", {**stream, "destinations": ["analytics", {"to": "crm", "when": "/total > 1"}]})
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    assert [(finding.file, finding.code) for finding in raised.value.findings] == [("streams/orders.yaml", code)]


# ---------------------------------------------------------------- a way from one to another


def shared(place: Place) -> list[str]:
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    return [str(finding) for finding in raised.value.findings]


def test_two_producers_write_to_no_common_folder(place: Place, folder: Path) -> None:
    behind_the_mask(place, folder, WRITER, f"fs:write:{folder}")
    hold(place, 'context.producer == Producer::"web-shop"')
    place.add_producer("other", "orders")
    load(place.policies, ModuleStore(place.modules))  # the other's messages go the same way, without the grant
    hold(place, 'context.producer == Producer::"other"')
    found = shared(place)
    assert len(found) == 2
    assert all(f"module writer may write {folder}, where module writer of producer" in one for one in found)
    assert all(one.startswith("destinations/crm.yaml:") for one in found)


@pytest.mark.parametrize("seen", ["", "/inner", "/..", "/../granted2"])
def test_what_is_written_for_one_destination_is_read_for_no_other(place: Place, folder: Path, seen: str) -> None:
    """For crm a mail is released, and for analytics it isn't; nor does it come back before the mask."""
    behind_the_mask(place, folder, WRITER, f"fs:write:{folder}")
    hold(place)
    path = str((folder / seen.lstrip("/")).resolve())
    wat = folder.parent / "reader.wat"
    wat.write_text(WRITER, encoding="utf-8")
    place.add_guest("reader", wat, manifest={"capabilities": {"required": [f"fs:read:{path}"]}})
    place.permit('principal == Module::"reader", action, resource')
    destination = place.read("destinations/analytics.yaml")
    place.write("destinations/analytics.yaml", {**destination, "steps": [{"module": "reader", "with": {}}]})
    if seen == "/../granted2":
        load(place.policies, ModuleStore(place.modules))
    else:
        (found,) = shared(place)
        assert "where module reader of producer web-shop would see it" in found
    place.write("destinations/analytics.yaml", destination)
    producer = place.read("producers/web-shop.yaml")
    producer["streams"]["orders"]["steps"] = [{"module": "reader", "with": {}}]
    place.write("producers/web-shop.yaml", producer)
    if seen == "/../granted2":
        load(place.policies, ModuleStore(place.modules))
    else:
        assert len(shared(place)) == 1
