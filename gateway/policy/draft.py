"""A policy set as far as its YAML can be understood, with all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct

from gateway.documents.finding import Finding
from gateway.documents.schema import Checked, schema
from gateway.documents.source import Document
from gateway.documents.source import Path as NodePath
from gateway.flow import Credential
from gateway.policy import files, model, values
from gateway.registry.signing import Trust


class Draft(Struct, frozen=True, kw_only=True):
    """`policy_set` lacks what is wrong. `doubtful` says what that is, so that nothing is reported that only follows
    from it: by file, the paths of what was left out. `declared`: names by kind, with those of files that can't be used.
    """

    policy_set: model.PolicySet
    findings: list[Finding]
    doubtful: Mapping[str, frozenset[NodePath]]
    declared: Mapping[str, frozenset[str]]


def draft(contents: Mapping[str, bytes]) -> Draft:
    """The draft of the policy set whose files are `contents`, by path."""
    return _Drafting(contents).draft()


class _Drafting:
    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents
        self._findings: list[Finding] = []
        self._doubtful: dict[str, frozenset[NodePath]] = {}
        self._declared: dict[str, set[str]] = {name: set() for name in ("producer", "stream", "destination", "classes")}
        self._values = values.Values()
        self._producers: dict[str, model.Producer] = {}
        self._streams: dict[str, model.Stream] = {}
        self._destinations: dict[str, model.Destination] = {}
        self._classes: dict[str, model.DataClass] = {}
        self._users: dict[str, model.User] = {}
        self._lock: dict[str, model.LockEntry] = {}
        self._trust = Trust()
        self._keys: dict[str, model.Key] = {}
        self._api_keys: dict[str, tuple[str, Credential]] = {}  # by digest: the kind of its subject, the credential
        self._webhooks: dict[str, list[model.Webhook]] = {}

    def draft(self) -> Draft:
        for file in self._contents:
            kind = files.kind(file)
            if kind is not None and kind != "cedar":
                self._read(file, kind)
        return Draft(
            policy_set=model.PolicySet(
                revision=files.revision(dict(self._contents)),
                producers=self._producers,
                streams=self._streams,
                destinations=self._destinations,
                classes=dict(sorted(self._classes.items())),
                users=self._users,
                lock=self._lock,
                keys=self._keys,
                trust=self._trust,
                producer_keys={digest: known for digest, (kind, known) in self._api_keys.items() if kind == "producer"},
                user_keys={digest: known for digest, (kind, known) in self._api_keys.items() if kind == "user"},
                webhooks={stream: tuple(found) for stream, found in self._webhooks.items()},
                files=self._contents,
            ),
            findings=self._findings,
            doubtful=self._doubtful,
            declared={kind: frozenset(names) for kind, names in self._declared.items()},
        )

    def _read(self, file: str, kind: str) -> None:
        document, checked = _read(file, kind, self._contents[file])
        self._findings += document.findings
        if checked is None:
            data = None  # what is missing may be behind what stopped the reading
        else:
            self._findings += checked.findings
            self._doubtful[file] = checked.doubtful
            data = checked.data
        stem = file.rpartition("/")[2].removesuffix(".yaml")
        if kind in self._declared:
            self._declared[kind].add(stem)
        if data is not None:
            self._take(document, kind, stem, data)

    def _take(self, document: Document, kind: str, stem: str, data: dict[str, Any]) -> None:
        if kind in ("producer", "stream", "destination", "user") and data[kind] != stem:
            text = f"must be {stem!r}, as the file is called"
            self._findings.append(Finding.at(document.place((kind,)), "name", text))
            data = {**data, kind: stem}
        match kind:
            case "producer":
                producer = self._producers[stem] = self._values.producer(data)
                self._credentials(document, kind, data, tuple(producer.streams))
            case "user":
                self._users[stem] = values.user(data)
                self._credentials(document, kind, data, ())
            case "stream":
                self._streams[stem] = values.stream(data)
            case "destination":
                self._destinations[stem] = values.destination(data)
            case "classes":
                self._classes = {name: values.data_class(name, given) for name, given in data["classes"].items()}
                self._declared[kind] = {*self._classes, *self._doubtful_classes(document.file)}
            case "keys":
                self._keys = {name: values.key(name, given) for name, given in data["keys"].items()}
            case "trust":
                self._trust = values.trust(data)
            case "modules.lock":
                self._lock = {name: values.lock_entry(name, given) for name, given in data["modules"].items()}

    def _doubtful_classes(self, file: str) -> set[str]:
        return {str(path[1]) for path in self._doubtful.get(file, ()) if len(path) > 1}

    def _credentials(self, document: Document, kind: str, data: dict[str, Any], streams: tuple[str, ...]) -> None:
        ids: set[str] = set()
        for index, (credential, given) in enumerate(values.credentials(data, data[kind])):
            if credential.id in ids:
                self._report(document, index, "two credentials have this id")
            ids.add(credential.id)
            if credential.kind == "webhook":
                webhook = model.Webhook(credential=credential, scheme=given["scheme"], secret=given["secret"])
                for stream in streams:
                    self._webhooks.setdefault(stream, []).append(webhook)
            else:
                known = self._api_keys.setdefault(given["sha256"], (kind, credential))[1]
                if known is not credential:
                    self._report(document, index, f"{known.subject} has the same key: a key says who is calling")

    def _report(self, document: Document, index: int, message: str) -> None:
        self._findings.append(Finding.at(document.place(("credentials", index)), "credential", message))


@lru_cache(maxsize=2048)  # most files of a reload are as they were
def _read(file: str, kind: str, content: bytes) -> tuple[Document, Checked | None]:
    document = Document(file, content)
    return document, schema(kind).check(document, document.data) if document.complete else None
