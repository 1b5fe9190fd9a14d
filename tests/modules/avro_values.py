"""Random Avro schemas and values: as fastavro takes them, and as JSON has them."""

from __future__ import annotations

import base64
import datetime
import decimal
import io
import random
import struct
import uuid
from typing import Any, NamedTuple

import converting
import fastavro

PRIMITIVE = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
EPOCH = datetime.datetime(1970, 1, 1)
MOMENTS = {"milli": 3, "micro": 6, "nano": 9}
LOGICAL = [
    ("int", "date"),
    ("int", "time-millis"),
    ("long", "time-micros"),
    *(("long", f"{local}timestamp-{unit}s") for local in ("", "local-") for unit in MOMENTS),
    ("bytes", "decimal"),
    ("fixed", "decimal"),
    ("fixed", "duration"),
    ("fixed", "uuid"),
    ("string", "uuid"),
    ("bytes", "unknown"),
]
decimal.getcontext().prec = 100


class Value(NamedTuple):
    datum: Any  # as fastavro takes it
    plain: Any  # as JSON has it
    tagged: Any


class Schemas:
    """Makes schemas; names are never used twice."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.number = 0
        self.defined: dict[str, Any] = {}

    def name(self) -> str:
        self.number += 1
        return f"{self.chance.choice(['shop', 'a.b'])}.N{self.number}"

    def schema(self, depth: int = 4, *, union: bool = True) -> Any:
        kind = self.chance.randrange(9 if depth else 4)
        if kind < 3:
            return self.chance.choice(PRIMITIVE)
        if kind == 3:
            return self.logical()
        if kind == 4:
            name, count = self.name(), self.chance.randrange(1, 6)
            made: Any = {"type": "enum", "name": name, "symbols": [f"S{i}" for i in range(count)]}
        elif kind == 5:
            container, inner = self.chance.choice([("array", "items"), ("map", "values")])
            return {"type": container, inner: self.schema(depth - 1)}
        elif kind == 6 and union:
            return self.union(depth)
        elif kind == 7 and self.defined:
            return self.chance.choice(list(self.defined))
        else:
            name = self.name()
            fields = [
                {"name": f"f{i}", "type": self.schema(depth - 1)} for i in range(self.chance.choice([0, 1, 3, 12]))
            ]
            made = {"type": "record", "name": name, "fields": fields}
        self.defined[name] = made
        return made

    def logical(self) -> Any:
        kind, logical = self.chance.choice(LOGICAL)
        made: dict[str, Any] = {"type": kind, "logicalType": logical}
        if kind == "fixed":
            made |= {"name": self.name(), "size": {"duration": 12, "uuid": 16}.get(logical, 9)}
        if logical == "decimal":
            made |= {"precision": 20, "scale": self.chance.choice([0, 2, 20])}
        return made

    def union(self, depth: int) -> Any:
        branches: dict[str, Any] = {}
        for _ in range(self.chance.randrange(1, 5)):
            before = dict(self.defined)
            branch = self.schema(depth - 1, union=False)
            if label(branch) in branches:
                self.defined = before  # what the branch defines goes with it
            else:
                branches[label(branch)] = branch
        return list(branches.values())


def label(schema: Any) -> str:
    if isinstance(schema, str):
        return schema
    return str(schema["name"] if schema["type"] in ("record", "enum", "fixed") else schema["type"])


def value(schema: Any, defined: dict[str, Any], chance: random.Random) -> Value:
    def of(schema: Any) -> Value:
        return value(schema, defined, chance)

    if isinstance(schema, list):
        branch = chance.choice(schema)
        found, name = of(branch), label(branch)
        tagged = None if name == "null" else {name: found.tagged}
        return Value(None if name == "null" else (name, found.datum), found.plain, tagged)
    if isinstance(schema, str) and schema in defined:
        schema = defined[schema]
    kind = schema if isinstance(schema, str) else schema["type"]
    if not isinstance(schema, str) and "logicalType" in schema and schema["logicalType"] != "unknown":
        datum, plain = logical(schema, chance)
        return Value(datum, plain, plain)
    match kind:
        case "record":
            fields = {field["name"]: of(field["type"]) for field in schema["fields"]}
            return Value(*({name: inner[part] for name, inner in fields.items()} for part in range(3)))
        case "array":
            items = [of(schema["items"]) for _ in range(chance.choice([0, 1, 2]))]
            return Value(*([item[part] for item in items] for part in range(3)))
        case "map":
            entries = {converting.text(chance) + str(i): of(schema["values"]) for i in range(chance.choice([0, 1, 2]))}
            return Value(*({name: inner[part] for name, inner in entries.items()} for part in range(3)))
    datum = scalar(kind, schema, chance)
    plain = base64.b64encode(datum).decode() if isinstance(datum, bytes) else datum
    return Value(datum, plain, plain)


def scalar(kind: str, schema: Any, chance: random.Random) -> Any:
    match kind:
        case "null":
            return None
        case "boolean":
            return chance.random() < 0.5
        case "int":
            return chance.choice([0, -1, 63, 64, -65, 2**31 - 1, -(2**31), chance.randrange(-(2**31), 2**31)])
        case "long":
            return chance.choice([0, -1, 2**63 - 1, -(2**63), chance.randrange(-(2**63), 2**63)])
        case "float":
            return chance.choice([0.0, -0.0, 0.5, -1.25, 65536.0, 2.0**-7])
        case "double":
            return converting.double(chance)
        case "bytes":
            return chance.randbytes(chance.randrange(6))
        case "string":
            return converting.text(chance)
        case "enum":
            return chance.choice(schema["symbols"])
    raise AssertionError(kind)


def logical(schema: Any, chance: random.Random) -> tuple[Any, Any]:
    name = schema["logicalType"]
    if name == "date":
        days = chance.randrange(-700_000, 2_900_000)
        return days, (EPOCH.date() + datetime.timedelta(days)).isoformat()
    if name.startswith("time-"):
        digits = 3 if name == "time-millis" else 6
        parts = chance.choice([0, chance.randrange(86400), chance.randrange(86400 * 10**digits) // 10 ** (digits - 3)])
        parts = parts if parts < 86400 * 10**digits else 0
        second, part = divmod(parts, 10**digits)
        clock = (EPOCH + datetime.timedelta(seconds=second)).strftime("%H:%M:%S")
        return parts, clock + fraction(part * 10 ** (9 - digits))
    if "timestamp" in name:
        digits = next(digits for unit, digits in MOMENTS.items() if unit in name)
        second, part = chance.randrange(-9_000_000_000, 9_000_000_000), chance.choice([0, chance.randrange(10**digits)])
        text = (EPOCH + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")
        text += fraction(part * 10 ** (9 - digits)) + ("" if name.startswith("local") else "Z")
        return second * 10**digits + part, text
    if name == "decimal":
        unscaled = chance.choice([0, -1, 127, 128, -127, -129, chance.randrange(-(10**20) + 1, 10**20)])
        return decimal.Decimal(unscaled).scaleb(-schema["scale"]), decimal.Decimal(unscaled).scaleb(-schema["scale"])
    if name == "duration":
        parts = [chance.choice([0, 1, 2**32 - 1]) for _ in range(3)]
        return struct.pack("<3I", *parts), dict(zip(("months", "days", "millis"), parts, strict=True))
    made = uuid.UUID(bytes=chance.randbytes(16))
    return (made.bytes if schema["type"] == "fixed" else str(made)), str(made)


def fraction(nanos: int) -> str:
    if nanos == 0:
        return ""
    digits = 3 if nanos % 10**6 == 0 else 6 if nanos % 10**3 == 0 else 9
    return f".{nanos // 10 ** (9 - digits):0{digits}}"


def written(schema: Any, datum: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, datum)
    return out.getvalue()
