"""YAML that fits its schema becomes values. Nothing here can fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.flow import Credential, Limits
from gateway.policy import model
from gateway.policy.kinds import Treatment
from gateway.policy.units import duration, size
from gateway.registry.envelope import public_key
from gateway.registry.signing import RegistryAddress, Trust, TrustedKey

Data = Mapping[str, Any]

_encode = msgspec.json.Encoder(order="sorted").encode


class Values:
    """Makes values. Equal parts of different producers become one object: 10,000 alike cost the memory of one."""

    def __init__(self) -> None:
        self._streams: dict[bytes, model.ProducerStream] = {}
        self._attributes: dict[bytes, Mapping[str, str | int | bool]] = {}

    def producer(self, data: Data) -> model.Producer:
        attributes = data.get("attributes", {})
        return model.Producer(
            name=data["producer"],
            team=data["team"],
            attributes=self._attributes.setdefault(_encode(attributes), attributes),
            streams={name: self._producer_stream(stream) for name, stream in data.get("streams", {}).items()},
        )

    def _producer_stream(self, data: Data) -> model.ProducerStream:
        key = _encode(data)
        known = self._streams.get(key)
        if known is None:
            known = model.ProducerStream(accept=tuple(sorted(data["accept"])), steps=_steps(data))
            self._streams[key] = known
        return known


def _steps(data: Data) -> tuple[model.StepUse, ...]:
    return tuple(model.StepUse(module=step["module"], config=step.get("with", {})) for step in data.get("steps", ()))


def credentials(data: Data, subject: str) -> list[tuple[Credential, Data]]:
    """Each credential with what the file says of it. One without an id is named by its kind and place."""
    return [
        (Credential(subject=subject, id=given.get("id", f"{given['kind']}-{number}"), kind=given["kind"]), given)
        for number, given in enumerate(data.get("credentials", ()), 1)
    ]


def stream(data: Data) -> model.Stream:
    given, fields = data.get("limits", {}), data.get("fields", {})
    parsers: Mapping[str, Any] = {"message": size, "messages": int, "body": size, "time": duration, "memory": size}
    return model.Stream(
        name=data["stream"],
        description=data.get("description", ""),
        fields={path: given for path, given in fields.items() if isinstance(given, str)},
        scans={path: _scan(given) for path, given in fields.items() if not isinstance(given, str)},
        unlisted=data.get("unlisted", "drop"),
        destinations=tuple(given if isinstance(given, str) else given["to"] for given in data["destinations"]),
        whens={given["to"]: given["when"] for given in data["destinations"] if not isinstance(given, str)},
        on_failure=data.get("on_failure", "refuse"),
        ack=data.get("ack", "delivered"),
        limits=Limits(**{name: parsers[name](value) for name, value in given.items()}),
    )


def _scan(data: Data) -> model.Scan:
    return model.Scan(classes=tuple(data["scan"]), least=data.get("least", 50))


def destination(data: Data) -> model.Destination:
    return model.Destination(
        name=data["destination"],
        sink=_file(data["sink"]) if data["sink"]["kind"] == "file" else _http(data["sink"]),
        treatments={name: treatment(given) for name, given in data.get("treatments", {}).items()},
        steps=_steps(data),
        framing=data.get("framing"),
    )


def _file(data: Data) -> model.FileSink:
    rotate = data.get("rotate", {})
    given: dict[str, int] = {}
    if "size" in rotate:
        given["rotate_size"] = size(rotate["size"])
    if "time" in rotate:
        given["rotate_time"] = duration(rotate["time"])
    return model.FileSink(path=data["path"], sync=data.get("sync", True), **given)


def _http(data: Data) -> model.HttpSink:
    headers = data.get("headers", {})
    batch, backoff = data.get("batch", {}), data.get("backoff", {})
    given: dict[str, int] = {}
    if "messages" in batch:
        given["batch_messages"] = batch["messages"]
    if "size" in batch:
        given["batch_size"] = size(batch["size"])
    if "timeout" in data:
        given["timeout"] = duration(data["timeout"])
    if "attempts" in data:
        given["attempts"] = data["attempts"]
    for name, value in backoff.items():
        given[f"backoff_{name}"] = duration(value)
    return model.HttpSink(
        url=data["url"],
        headers={name: value for name, value in headers.items() if isinstance(value, str)},
        secret_headers={name: value["secret"] for name, value in headers.items() if not isinstance(value, str)},
        **given,
    )


def treatment(data: str | Data) -> Treatment:
    given = {"kind": data} if isinstance(data, str) else data
    made: Treatment = msgspec.convert(given, Treatment)
    return made


def data_class(name: str, data: Data) -> model.DataClass:
    given = data.get("treatment")
    return model.DataClass(
        name=name,
        description=data.get("description", ""),
        treatment=None if given is None else treatment(given),
        scalars=data.get("only") == "scalars",
        detect=tuple(_detect(given) for given in data.get("detect", ())),
    )


def _detect(data: str | Data) -> str | model.Pattern | model.Words:
    if isinstance(data, str):
        return data
    return model.Words(**data) if "words" in data else model.Pattern(**data)


def key(name: str, data: Data) -> model.Key:
    return model.Key(name=name, current=data["current"], secrets=data["secrets"])


def user(data: Data) -> model.User:
    return model.User(name=data["user"], roles=tuple(sorted(data.get("roles", ()))))


def lock_entry(name: str, data: Data) -> model.LockEntry:
    kept = data.get("instances") == "kept"
    pinned = {field: data[field] for field in _PINNED}
    return model.LockEntry(module=name, **pinned, kept=kept, canary=_canary(name, data.get("canary"), kept))


_PINNED = ("version", "sha256", "manifest")


def _canary(name: str, data: Data | None, kept: bool) -> model.Canary | None:
    if data is None:
        return None
    entry = model.LockEntry(module=name, **{field: data[field] for field in _PINNED}, kept=kept)
    return model.Canary(entry=entry, **{field: value for field, value in data.items() if field not in _PINNED})


def trust(data: Data) -> Trust:
    """What is there asks for signatures; a policy set without the file asks for none, and keeps no instance."""
    keys = {
        name: TrustedKey(public=public_key(key["ed25519"]), modules=tuple(key["modules"]))
        for name, key in data.get("keys", {}).items()
    }
    registries = {
        name: RegistryAddress(
            source=registry["source"], public=public_key(registry["ed25519"]) if "ed25519" in registry else None
        )
        for name, registry in data.get("registries", {}).items()
    }
    return Trust(keys=keys, unsigned=data.get("unsigned") == "fresh", registries=registries)
