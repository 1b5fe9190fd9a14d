"""Cases: what a module has to do, in YAML beside it (`tests/*.yaml`), and whether it does."""

from __future__ import annotations

import base64
import binascii
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct

from gateway.authoring.workbench import ConfigurationRefused, Entry, Held, Module, Ran, Refused, run
from gateway.documents.finding import Finding, Place, PolicyError
from gateway.documents.schema import schema
from gateway.documents.source import Document
from gateway.sandbox import http
from gateway.sandbox.frame import GuestError
from gateway.sandbox.kind import Guest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)  # where a case grants the clock and doesn't say what it shows


class Case(Struct, frozen=True, kw_only=True):
    name: str
    place: Place
    folder: Path  # of the file
    given: Mapping[str, Any]  # as the file has it

    @property
    def refusals(self) -> frozenset[str]:
        """The codes that the case shows."""
        return frozenset(_codes(self.given.get("expect", ())))


class Result(Struct, frozen=True, kw_only=True):
    """How a case ended. `reasons` say what was otherwise; empty: it passed."""

    case: Case
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.reasons


def _codes(expected: Any) -> Iterator[str]:
    for one in expected if isinstance(expected, list) else (expected,):
        if isinstance(one, list):
            yield from _codes(one)
        elif isinstance(one, Mapping) and "refuse" in one:
            yield one["refuse"]


def read(folder: Path) -> list[Case]:
    """The cases of a module, by file and order. Raises PolicyError for files that aren't right."""
    return read_files(sorted((folder / "tests").glob("*.yaml")), folder.parent)


def read_files(paths: Iterable[Path], under: Path) -> list[Case]:
    """The cases in files, which findings name by their places in `under`. Raises PolicyError."""
    cases: list[Case] = []
    findings: list[Finding] = []
    for path in paths:
        document = Document(path.relative_to(under).as_posix(), path.read_bytes())
        found = [*document.findings]
        if not found:
            found += schema("cases").check(document, document.data).findings
        findings += found
        names: set[str] = set()
        for index, given in enumerate(() if found else document.data["cases"]):
            place = document.place(("cases", index))
            if given["name"] in names:
                findings.append(Finding.at(place, "case", f"another case is called {given['name']!r}"))
            names.add(given["name"])
            cases.append(Case(name=given["name"], place=place, folder=path.parent, given=given))
    if findings:
        raise PolicyError(findings)
    return cases


def check(module: Module, case: Case) -> Result:
    """Run one case. Its files are there while it runs, under other names than it gives them."""
    with tempfile.TemporaryDirectory(prefix="case-") as folder:
        try:
            return Result(case=case, reasons=tuple(_reasons(module, case, Path(folder))))
        except (ValueError, OSError) as error:
            return Result(case=case, reasons=(f"the case can't be read: {error}",))


def instance(module: Module, case: Case, folder: Path, *, unchecked: bool = False) -> Guest:
    """An instance that is configured as the case says. Its files are written into `folder`, where they must stay.

    Raises what `Module.instance` raises, and ValueError or OSError where the case can't be read.
    """
    paths = _written(case, folder)
    return module.instance(_placed(case.given.get("with", {}), paths), _held(case, paths), unchecked=unchecked)


def messages(case: Case) -> list[bytes]:
    """The messages of a case; none where it is about the configuration. Raises ValueError, OSError."""
    return [value(message, case.folder) for message in case.given.get("messages", ())]


def _written(case: Case, folder: Path) -> dict[str, str]:
    """The case's files, by the path that it gives them, and where they are."""
    paths = {}
    for number, (path, content) in enumerate(case.given.get("files", {}).items()):
        there = folder / f"{number}-{Path(path).name}"
        there.write_bytes(value(content, case.folder))
        paths[path] = str(there)
    return paths


def _placed(config: Any, paths: Mapping[str, str]) -> Any:
    """The configuration with the paths of files as they are."""
    if isinstance(config, dict):
        return {key: _placed(inner, paths) for key, inner in config.items()}
    if isinstance(config, list):
        return [_placed(inner, paths) for inner in config]
    return paths.get(config, config) if isinstance(config, str) else config


def _reasons(module: Module, case: Case, folder: Path) -> Iterator[str]:
    given = case.given
    for code in sorted(case.refusals - module.manifest.refusals.keys()):
        yield f"refusal {code}: the manifest doesn't declare it"
    refused = given.get("refused")
    try:
        guest = instance(module, case, folder, unchecked=refused is not None)
        if refused is not None:
            yield f"the configuration was taken, not refused with {refused!r}"
            return
        ran = run(guest, messages(case))
    except ConfigurationRefused as error:
        if refused is None or refused not in str(error):
            yield f"the configuration was refused: {error}"
        return
    except GuestError as error:
        yield f"the module failed: {error}" + (f"\n{error.trace}" if error.trace else "")
        return
    yield from _compare(case, ran)


def _held(case: Case, paths: Mapping[str, str]) -> Held:
    given = case.given
    now = datetime.fromisoformat(given["clock"]) if "clock" in given else _NOW
    moment = (now - _EPOCH) // timedelta(microseconds=1) * 1000
    return Held(
        secrets={name: value(secret, case.folder) for name, secret in given.get("secrets", {}).items()},
        grants=(
            *given.get("grants", ()),
            *(f"fs:read:{path}" for path in paths.values()),
            *filter(None, map(http.grant, given.get("http", ()))),
        ),
        clock=lambda: moment,
        fetch=_answers(case),
    )


def _answers(case: Case) -> Callable[[Mapping[bytes, http.Request]], Mapping[bytes, http.Outcome]]:
    """What the case says comes back, by address; from any other, nothing."""
    known: dict[str, http.Outcome] = {}
    for url, answer in case.given.get("http", {}).items():
        if "status" in answer:
            known[url] = http.Answer(answer["status"], value(answer.get("body", ""), case.folder))

    def outcome(request: http.Request) -> http.Outcome:
        place = http.authority(request.scheme, request.host, request.port)
        return known.get(f"{request.scheme}://{place}{request.target}", http.Failure())

    return lambda requests: {written: outcome(request) for written, request in requests.items()}


def value(written: Any, folder: Path) -> bytes:
    """The bytes that a message, a secret or a file of a case stands for. Raises ValueError, OSError."""
    if isinstance(written, str):
        return written.encode()
    ((form, content),) = written.items()
    match form:
        case "json":
            return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
        case "hex":
            return bytes.fromhex(str(content))
        case "base64":
            try:
                return base64.b64decode(content, validate=True)
            except binascii.Error as error:
                raise ValueError(f"base64: {error}") from None
        case _:
            return (folder / str(content)).read_bytes()


def _compare(case: Case, ran: Ran) -> Iterator[str]:
    expected = case.given["expect"]
    if len(expected) != len(ran.entries):
        yield f"{len(expected)} expectations for {len(ran.entries)} messages"
        return
    for index, (wanted, got) in enumerate(zip(expected, ran.entries, strict=True)):
        several = wanted if isinstance(wanted, list) else [] if _drops(wanted) else [wanted]
        if len(several) != len(got) or not all(map(_same, several, got, [case.folder] * len(got))):
            yield f"message {index}: {_shown(got)}, not {_expected(several, case.folder)}"
    if "report" in case.given and dict(ran.report) != case.given["report"]:
        yield f"report: {dict(ran.report)}, not {case.given['report']}"
    if ran.denied and "denied" not in case.given:
        yield f"tried without a grant: {', '.join(ran.denied)}"
    if "denied" in case.given and sorted(ran.denied) != sorted(case.given["denied"]):
        yield f"tried without a grant: {', '.join(ran.denied) or 'nothing'}, not {', '.join(case.given['denied'])}"


def _drops(wanted: Any) -> bool:
    return isinstance(wanted, Mapping) and "drop" in wanted


def _same(wanted: Any, got: Entry, folder: Path) -> bool:
    if isinstance(wanted, Mapping) and "refuse" in wanted:
        there = isinstance(got, Refused) and got.code == wanted["refuse"]
        return there and ("offset" not in wanted or (isinstance(got, Refused) and got.offset == wanted["offset"]))
    if isinstance(got, Refused):
        return False
    if isinstance(wanted, Mapping) and "json" in wanted:
        try:
            found = json.loads(got, parse_float=Decimal, parse_constant=_no_json, object_pairs_hook=_members)
        except ValueError:
            return False
        return bool(_typed(found) == _typed(wanted["json"]))
    return got.removesuffix(b"\n") == value(wanted, folder).removesuffix(b"\n")


def _no_json(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a key is there twice")
    return members


def _typed(found: Any) -> Any:
    """Equal for equal JSON: `1` is `1.0`, and not `true`. Numbers by value: a double is the digits that it shows."""
    if isinstance(found, dict):
        return {key: _typed(inner) for key, inner in found.items()}
    if isinstance(found, list):
        return [_typed(inner) for inner in found]
    return (isinstance(found, bool), Decimal(repr(found)) if isinstance(found, float) else found)


def _shown(entries: tuple[Entry, ...]) -> str:
    return " | ".join(map(_one, entries)) or "dropped"


def _expected(wanted: list[Any], folder: Path) -> str:
    texts = []
    for one in wanted:
        if isinstance(one, Mapping) and "refuse" in one:
            texts.append(_one(Refused(one["refuse"], one.get("offset"))))
        else:
            texts.append(_one(value(one, folder)))
    return " | ".join(texts) or "dropped"


def _one(entry: Entry) -> str:
    if isinstance(entry, Refused):
        return f"refused {entry.code}" + ("" if entry.offset is None else f" at {entry.offset}")
    try:
        return repr(entry.decode())
    except UnicodeDecodeError:
        return f"bytes {entry.hex()}"
