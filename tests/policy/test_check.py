from __future__ import annotations

import random
from pathlib import Path

import pytest

from gateway.documents.finding import PolicyError
from gateway.policy import load
from gateway.policy.check import check
from gateway.registry.store import ModuleStore
from tests.policy.conftest import AUDITOR_KEY, FILES, KEY, PARTNER_KEY, Edit

MARKS = ["[", "]", "{", "}", ":", "-", "null", "1", '"', "&a", "*a", "\n", "  ", "true", "principal", "when", "(", ")",
         ";", '@id("a")', "==", "in", "?principal", "//", "unless", "'", "#", "\t", "\u00e9", "\0"]  # fmt: skip


def test_a_set_without_fault_has_no_findings(folder: Path, store: ModuleStore) -> None:
    assert check(folder, store) == []


def test_five_faults_of_five_kinds_come_out_of_one_check(folder: Path, store: ModuleStore, edit: Edit) -> None:
    edit("producers/shop.yaml", "attributes:", "atributes:")
    edit("streams/events.yaml", "pii.email", "pii.emial")
    edit("producers/shop.yaml", "module: csv-to-json", "module: csv2json")
    edit("access.cedar", 'resource == Stream::"orders"', 'resource == Streem::"orders"')
    edit("streams/orders.yaml", "/card: pci.pan", "/card: pci")
    assert [str(finding) for finding in check(folder, store)] == [
        "access.cedar:6:84: unrecognized entity type `Streem`",
        "producers/shop.yaml:3:1: unknown key 'atributes' (did you mean 'attributes'?)",
        "producers/shop.yaml:10:18: module 'csv2json' is not in modules.lock (did you mean 'csv-to-json'?)",
        "streams/events.yaml:3:14: unknown class 'pii.emial' (did you mean 'pii.email'?)",
        "streams/orders.yaml:6:10: class pci has no treatment, and no policy releases it to analytics, crm; "
        "producer partner and 1 more",
    ]
    with pytest.raises(PolicyError) as caught:
        load.load(folder, store)
    assert list(caught.value.findings) == check(folder, store)


def test_five_faults_in_one_stream_and_its_classes(folder: Path, store: ModuleStore, edit: Edit) -> None:
    edit("classes.yaml", "  pci: {}", "  pci: {descripton: Cards}")
    edit("streams/orders.yaml", "limits:", "unlistd: drop\nlimits:")
    edit("streams/orders.yaml", "/id: public", "/id: publc")
    edit("streams/orders.yaml", "/customer/phone: pii.phone", "/customer/phone: pci")
    edit("release.cedar", "resource in DataClass", "resource in DataKlass")
    found = [str(finding) for finding in check(folder, store)]
    assert [message.split(": ")[0] for message in found] == [
        "classes.yaml:6:9",
        "release.cedar:2:61",
        "streams/orders.yaml:3:8",
        "streams/orders.yaml:5:20",
        "streams/orders.yaml:8:1",
    ]


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith((".yaml", ".cedar", ".cedarschema"))])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 10_000, b"a: b: c", b"5"])
def test_no_content_of_any_file_raises(folder: Path, store: ModuleStore, file: str, content: bytes) -> None:
    (folder / file).write_bytes(content)
    nothing = file.endswith(".cedar") and not content.strip()
    found = check(folder, store)
    assert nothing or any(finding.file == file for finding in found)


def test_no_damage_to_a_file_raises_or_quotes_a_key(folder: Path, store: ModuleStore) -> None:
    chance = random.Random(7)
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "README.md"]
    for _ in range(60):
        path = chance.choice(files)
        before = path.read_text(encoding="utf-8")
        at = chance.randrange(len(before))
        to = at + chance.choice((0, 0, chance.randrange(12)))
        path.write_text(before[:at] + chance.choice(MARKS) + before[to:], encoding="utf-8")
        for finding in check(folder, store):
            assert not any(key in finding.message for key in (KEY, PARTNER_KEY, AUDITOR_KEY))
        path.write_text(before, encoding="utf-8")


def test_an_empty_folder_lacks_everything(tmp_path: Path, store: ModuleStore) -> None:
    (tmp_path / "empty").mkdir()
    assert [finding.code for finding in check(tmp_path / "empty", store)] == ["missing_file"] * 6


def test_a_module_that_differs_from_its_lock_is_found_once(folder: Path, store: ModuleStore) -> None:
    (store.folder / "mask" / "mask.wasm").write_bytes(b"other")
    assert [str(finding) for finding in check(folder, store)] == [
        "modules.lock:2:3: module mask: mask.wasm is not the one that is locked"
    ]


def test_a_fault_in_a_class_is_not_reported_again_as_a_missing_treatment(
    folder: Path, store: ModuleStore, edit: Edit
) -> None:
    edit("classes.yaml", "pii: {treatment: redact}", "pii: {treatment: rédact}")
    assert [finding.file for finding in check(folder, store)] == ["classes.yaml"]


def test_a_fault_in_steps_is_not_reported_again_as_a_format(folder: Path, store: ModuleStore, edit: Edit) -> None:
    edit("producers/shop.yaml", "{module: csv-to-json, with: {header: true}}", "csv-to-json")
    assert [str(finding) for finding in check(folder, store)] == ["producers/shop.yaml:10:9: must be a mapping"]
