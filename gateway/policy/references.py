"""Names that one file of a policy set takes from another, and values that fit a schema and yet can't be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.documents.finding import Finding
from gateway.documents.near import near
from gateway.policy import files, model
from gateway.policy.draft import Draft
from gateway.policy.kinds import Keyed, Treatment
from gateway.policy.paths import segments
from gateway.policy.treatments import detected

FILTER = "json-filter"  # the module that says whether a `when` holds
BODY_LIMIT = 1 << 30  # bytes: offsets in a batch have 32 bits
TIME_LIMIT = 60_000  # milliseconds
MEMORY_LIMIT = 4 << 30  # bytes: a 32-bit memory has no more
MEMORY_LEAST = 1 << 20


def check(draft: Draft) -> list[Finding]:
    """What is wrong between the files of a draft."""
    policy_set = draft.policy_set
    return [
        *_classes(draft),
        *_keys(draft),
        *(found for producer in policy_set.producers.values() for found in _producer(draft, producer)),
        *(found for stream in policy_set.streams.values() for found in _stream(draft, stream)),
        *(found for destination in policy_set.destinations.values() for found in _destination(draft, destination)),
        *_shared_files(policy_set),
    ]


def _classes(draft: Draft) -> Iterator[Finding]:
    known = draft.declared["classes"]
    for name, data_class in draft.policy_set.classes.items():
        if data_class.parent is not None and data_class.parent not in known:
            place = draft.policy_set.place(files.CLASSES, "classes", name, key=True)
            yield Finding.at(place, "unknown_class", f"class {name} has no parent: {data_class.parent} is not declared")


def _keys(draft: Draft) -> Iterator[Finding]:
    policy_set = draft.policy_set
    for name, key in policy_set.keys.items():
        if key.current not in key.secrets:
            place = policy_set.place(files.KEYS, "keys", name, "current")
            yield Finding.at(place, "unknown_key_id", _unknown("id", key.current, key.secrets))
    used: list[tuple[str, tuple[str, ...], Treatment]] = [
        (files.CLASSES, ("classes", name, "treatment"), known.treatment)
        for name, known in policy_set.classes.items()
        if known.treatment is not None
    ]
    for destination in policy_set.destinations.values():
        file = f"destinations/{destination.name}.yaml"
        used += [(file, ("treatments", name), treatment) for name, treatment in destination.treatments.items()]
    for file, path, treatment in used:
        wanted = treatment.key if isinstance(treatment, Keyed) else None
        if wanted is not None and wanted not in policy_set.keys and files.KEYS not in _unusable(draft):
            place = policy_set.place(file, *path, "key")
            yield Finding.at(place, "unknown_key", _unknown("key", wanted, policy_set.keys))


def _producer(draft: Draft, producer: model.Producer) -> Iterator[Finding]:
    file = f"producers/{producer.name}.yaml"
    for name, stream in producer.streams.items():
        if name not in draft.declared["stream"]:
            place = draft.policy_set.place(file, "streams", name, key=True)
            yield Finding.at(place, "unknown_stream", _unknown("stream", name, draft.declared["stream"]))
        for index, step in enumerate(stream.steps):
            yield from _locked(draft, step.module, file, "streams", name, "steps", index, "module")


def _locked(draft: Draft, module: str, file: str, *path: str | int) -> Iterator[Finding]:
    if module not in draft.policy_set.lock and files.LOCK not in _unusable(draft):
        text = f"module {module!r} is not in {files.LOCK}" + _near(module, draft.policy_set.lock)
        yield Finding.at(draft.policy_set.place(file, *path), "unlocked_module", text)


def _stream(draft: Draft, stream: model.Stream) -> Iterator[Finding]:
    file = f"streams/{stream.name}.yaml"
    place = draft.policy_set.place
    seen: dict[object, str] = {}
    for path, name in stream.fields.items():
        if name not in draft.declared["classes"] and files.CLASSES not in _unusable(draft):
            known = draft.declared["classes"]
            yield Finding.at(place(file, "fields", path), "unknown_class", _unknown("class", name, known))
        other = seen.setdefault(segments(path), path)
        if other != path:
            text = f"the same path as {other!r}, written differently"
            yield Finding.at(place(file, "fields", path, key=True), "duplicate_path", text)
    for path, scan in stream.scans.items():
        other = seen.setdefault(segments(path), path)
        if other != path:
            text = f"the same path as {other!r}, written differently"
            yield Finding.at(place(file, "fields", path, key=True), "duplicate_path", text)
        for index, name in enumerate(scan.classes):
            where = place(file, "fields", path, "scan", index)
            if name not in draft.declared["classes"]:
                if files.CLASSES not in _unusable(draft):
                    yield Finding.at(where, "unknown_class", _unknown("class", name, draft.declared["classes"]))
            elif not detected(draft.policy_set, model.Scan(classes=(name,))):
                text = f"class {name} says nothing of what to detect, nor does one beneath it"
                yield Finding.at(where, "undetectable_class", text)
    for index, name in enumerate(stream.destinations):
        if name not in draft.declared["destination"]:
            text = _unknown("destination", name, draft.declared["destination"])
            yield Finding.at(place(file, "destinations", index), "unknown_destination", text)
        if name in stream.destinations[:index]:
            text = f"destination {name} is there twice"
            yield Finding.at(place(file, "destinations", index), "duplicate_destination", text)
        if name in stream.whens:
            yield from _locked(draft, FILTER, file, "destinations", index, "when")
    for limit, least, most, unit in (
        ("message", 1, BODY_LIMIT, "bytes"),
        ("body", 1, BODY_LIMIT, "bytes"),
        ("time", 1, TIME_LIMIT, "ms"),
        ("memory", MEMORY_LEAST, MEMORY_LIMIT, "bytes"),
    ):
        if not least <= getattr(stream.limits, limit) <= most:
            text = f"must be from {least} to {most} {unit}"
            yield Finding.at(place(file, "limits", limit), "limit", text)


def _destination(draft: Draft, destination: model.Destination) -> Iterator[Finding]:
    file = f"destinations/{destination.name}.yaml"
    for name in destination.treatments:
        if name not in draft.declared["classes"] and files.CLASSES not in _unusable(draft):
            place = draft.policy_set.place(file, "treatments", name, key=True)
            yield Finding.at(place, "unknown_class", _unknown("class", name, draft.declared["classes"]))
    for index, step in enumerate(destination.steps):
        yield from _locked(draft, step.module, file, "steps", index, "module")
    if isinstance(destination.sink, model.HttpSink):
        names = [name.lower() for name in (*destination.sink.headers, *destination.sink.secret_headers)]
        if len(set(names)) < len(names):
            place = draft.policy_set.place(file, "sink", "headers")
            yield Finding.at(place, "duplicate_key", "a header is there twice: case makes no difference")
        if destination.sink.backoff_first > destination.sink.backoff_most:
            place = draft.policy_set.place(file, "sink", "backoff")
            yield Finding.at(place, "limit", "the first wait is longer than the longest")


def _shared_files(policy_set: model.PolicySet) -> Iterator[Finding]:
    """Two destinations in one file would mix what was masked for one with what was masked for the other."""
    seen: dict[str, str] = {}
    for name, destination in policy_set.destinations.items():
        if isinstance(destination.sink, model.FileSink):
            other = seen.setdefault(destination.sink.path, name)
            if other != name:
                place = policy_set.place(f"destinations/{name}.yaml", "sink", "path")
                yield Finding.at(place, "shared_file", f"destination {other} has the same path")


def _unusable(draft: Draft) -> set[str]:
    """Files of which nothing could be used: what they don't declare is no finding."""
    present = draft.policy_set.files
    broken = {file for file, paths in draft.doubtful.items() if () in paths}
    broken |= {finding.file for finding in draft.findings if finding.file not in draft.doubtful}
    return broken | {file for file in (files.CLASSES, files.LOCK) if file not in present}


def _unknown(kind: str, name: str, known: Iterable[str]) -> str:
    return f"unknown {kind} {name!r}" + _near(name, known)


def _near(name: str, known: Iterable[str]) -> str:
    meant = near(name, known)
    return f" (did you mean {meant!r}?)" if meant else ""
