"""Public suites of formats' own communities, against the modules that read those formats."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from opened import Opened

from gateway.authoring import cases
from gateway.authoring.workbench import Entry, Held, Module, Refused, run
from gateway.registry import manifest
from tests import npm

MODULES = Path(__file__).parents[2] / "modules"
READ_JSON = [
    path.parent
    for path in sorted(MODULES.glob("*/manifest.yaml"))
    if "application/json" in manifest.read(path).accepts and "invalid_json" in manifest.read(path).refusals
]
NOT_JSON = {"invalid_json", "invalid_utf8", "too_deep"}

JSON_SUITE = (
    "json-test-suite",
    "1.0.0",
    "NNGEsqtbHqQcocE+kIb2NzmqU3BWN3bpI39DBME0GrjIRPxme/LCSH+7fIHDhJGDIArStvS5cEp3AJVUbU8iZQ==",
)
CSV_SUITE = (
    "csv-spectrum",
    "2.0.0",
    "gjW9YEAkcrJo4AEdrV9+4lkUXlOyYyC+1Ap3efzMiUUs1OTdZ29VraBZNBBKZK7iiUkbMNkUmfKp/jnayzHxAA==",
)
MSGPACK_SUITE = (
    "msgpack-test-suite",
    "1.0.0",
    "GTuEtmh0KMcuxvRKmlYraapxjaTGw9+kOGvkprf1mgBoP9hNPAyyn/4sf6lmqvFSm9sFt1cnJ5WVsyIbZRfzDQ==",
)


def one(module: Module, config: dict[str, Any], message: bytes) -> tuple[Entry, ...]:
    (entries,) = run(module.instance(config, Held()), [message]).entries
    return entries


# ---------------------------------------------------------------- JSON: Nicolas Seriot's JSONTestSuite


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """By name: y_ must be read, n_ must not, i_ may be."""
    folder = npm.suite("the JSON test suite", *JSON_SUITE)
    written = (folder / "data" / "parsing.js").read_text(encoding="utf-8")
    tests = json.loads(written[written.index("[") : written.rindex("]") + 1])
    return {test["name"]: test["input"] for test in tests}


@pytest.mark.parametrize("folder", READ_JSON, ids=lambda folder: folder.name)
def test_json_is_read_and_what_is_none_is_refused(
    modules: Opened, folder: Path, texts: dict[str, str], tmp_path: Path
) -> None:
    case = next(case for case in cases.read(folder) if "messages" in case.given)
    guest = cases.instance(modules[folder], case, tmp_path)
    assert sum(name.startswith("n_") for name in texts) == 188
    wrong = []
    for name, text in texts.items():
        (entries,) = run(guest, [text.encode()]).entries
        unread = any(isinstance(entry, Refused) and entry.code in NOT_JSON for entry in entries)
        if not name.startswith("i_") and unread is name.startswith("y_"):
            wrong.append((name, entries))
    assert wrong == []


# ---------------------------------------------------------------- CSV: csv-spectrum


def test_csv_is_read_as_the_spectrum_says(modules: Opened) -> None:
    folder = npm.suite("csv-spectrum", *CSV_SUITE)
    files = sorted((folder / "csvs").glob("*.csv"))
    assert len(files) == 12
    for file in files:
        records = one(modules[MODULES / "csv-to-json"], {}, file.read_bytes())
        if file.stem == "location_coordinates":  # quotes in the midst of a field that isn't quoted: no RFC 4180
            assert [entry.code for entry in records if isinstance(entry, Refused)] == ["csv_bad_quote"]
            continue
        expected = json.loads((folder / "json" / f"{file.stem}.json").read_text(encoding="utf-8"))
        assert [json.loads(record) for record in records if isinstance(record, bytes)] == expected, file.name


# ---------------------------------------------------------------- MessagePack: kawanet's msgpack-test-suite


def test_msgpack_is_read_as_its_suite_says(modules: Opened) -> None:
    folder = npm.suite("the MessagePack test suite", *MSGPACK_SUITE)
    groups = json.loads((folder / "dist" / "msgpack-test-suite.json").read_text(encoding="utf-8"))
    module = modules[MODULES / "msgpack-to-json"]
    tried = 0
    for test in (test for group in groups.values() for test in group):
        for written in test["msgpack"]:
            (entry,) = one(module, {}, bytes.fromhex(written.replace("-", "")))
            tried += 1
            if "ext" in test:  # a type of one's own has no JSON
                assert isinstance(entry, Refused), test
                continue
            assert isinstance(entry, bytes), (test, entry)
            if "bignum" in test and "number" not in test:
                assert entry.strip() == test["bignum"].encode()
            elif "timestamp" in test:
                assert _moment(json.loads(entry)) == test["timestamp"], test
            elif "binary" in test:
                assert base64.b64decode(json.loads(entry)) == bytes.fromhex(test["binary"].replace("-", ""))
            else:
                (value,) = [test[kind] for kind in ("nil", "bool", "number", "string", "array", "map") if kind in test]
                assert json.loads(entry) == value
    assert tried > 150


def _moment(text: str) -> list[int]:
    """Seconds since 1970, and nanoseconds, of RFC 3339."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    year, rest = int(whole[:4]), whole[4:]
    turns = int(year < 400)  # Python has no year 0, and the calendar repeats itself every 400 years
    again = datetime.fromisoformat(f"{year + 400 * turns:04}{rest}+00:00")
    seconds = (again - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1) - turns * 146_097 * 86_400
    return [seconds, int(fraction.ljust(9, "0") or "0")]
