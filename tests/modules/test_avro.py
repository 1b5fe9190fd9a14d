"""avro-to-json and json-to-avro: the Python package fastavro as peer, and bytes that mean harm."""

import decimal
import io
import json
import random
import struct
from typing import Any

import avro_values as avro
import fastavro
import pytest
from converting import mutations, passed, survives, truncations
from sandboxed import MODULES, ConfigurationRefused, Sandboxed

from gateway.flow import Limits

FROM, TO = Sandboxed(MODULES / "avro-to-json"), Sandboxed(MODULES / "json-to-avro")

ORDER = {
    "type": "record",
    "name": "shop.Order",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "lines", "type": {"type": "array", "items": "long"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
}
GIVEN = {"id": "o-1", "total": decimal.Decimal("12.50"), "note": "é", "lines": [1, -2], "at": 1_700_000_000_250}


def loaded(text: bytes) -> Any:
    """JSON, every number with all its digits."""
    return json.loads(text, parse_float=lambda digits: decimal.Decimal(digits))


def exact(given: Any) -> Any:
    """A value as `loaded` has it."""
    if isinstance(given, float):
        return decimal.Decimal(repr(given))
    if isinstance(given, dict):
        return {name: exact(value) for name, value in given.items()}
    return [exact(value) for value in given] if isinstance(given, list) else given


def test_any_value_of_any_schema_comes_as_the_peer_wrote_it() -> None:
    chance = random.Random(1)
    for _ in range(150):
        made = avro.Schemas(chance)
        schema = made.schema()
        values = [avro.value(schema, made.defined, chance) for _ in range(8)]
        data = [avro.written(schema, value.datum) for value in values]
        for unions in ("plain", "tagged"):
            results = passed(FROM.run({"schema": schema, "unions": unions}).transform(data))
            wanted = [value.plain if unions == "plain" else value.tagged for value in values]
            assert [loaded(result) for result in results] == [exact(value) for value in wanted], schema


def text(given: Any) -> bytes:
    """JSON of a value with decimals in it, each with all its digits."""
    marked: list[str] = []

    def mark(number: decimal.Decimal) -> str:
        marked.append(f"{number:f}")
        return f"#{len(marked) - 1}#"

    json_text = json.dumps(given, ensure_ascii=False, default=mark)
    for number, digits in enumerate(marked):
        json_text = json_text.replace(f'"#{number}#"', digits)
    return json_text.encode()


def test_any_value_of_any_schema_is_written_as_by_the_peer() -> None:
    chance = random.Random(5)
    for _ in range(150):
        made = avro.Schemas(chance)
        schema = made.schema()
        values = [avro.value(schema, made.defined, chance) for _ in range(8)]
        run = TO.run({"schema": schema, "unions": "tagged"})
        data = [avro.written(schema, value.datum) for value in values]
        assert passed(run.transform([text(value.tagged) for value in values])) == data, schema
        there = passed(TO.run({"schema": schema}).transform([text(value.plain) for value in values]))
        back = passed(FROM.run({"schema": schema}).transform(there))
        assert [loaded(result) for result in back] == [exact(value.plain) for value in values], schema


def test_defaults_are_those_of_the_peer() -> None:
    fields = [
        {"name": "a", "type": ["null", "string"], "default": None},
        {"name": "b", "type": {"type": "map", "values": "long"}, "default": {"x": -1}},
        {"name": "c", "type": "double", "default": 1.5},
        {"name": "d", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}, "default": "B"},
    ]
    schema = {"type": "record", "name": "R", "fields": fields}
    assert TO.run({"schema": schema}).one(b"{}") == avro.written(schema, {})


def test_unions_in_unions_are_not_tried_without_end() -> None:
    fields = [{"name": "next", "type": ["null", "A", "B"]}]
    nested = {"type": "record", "name": "A", "fields": [*fields, {"name": "last", "type": "int"}]}
    other = {"type": "record", "name": "B", "fields": [*fields, {"name": "last", "type": "string"}]}
    nested["fields"] = [{"name": "next", "type": ["null", "A", other]}, {"name": "last", "type": "int"}]
    run = TO.run({"schema": [nested, "B"]})

    def message(depth: int) -> bytes:
        return b'{"next":' * depth + b"null" + b',"last":""}' * depth

    assert run.one(message(5)) == b"\x02" + b"\x04" * 4 + b"\x00" + b"\x00" * 5
    assert run.one(message(500))[0] == "too_many_attempts"
    flat = TO.run({"schema": {"type": "array", "items": [nested, "B"]}})
    many = b"[" + b",".join([message(1)] * 100_000) + b"]"
    assert isinstance(flat.one(many), bytes)


def test_floats_of_32_bits_are_the_same_floats() -> None:
    chance = random.Random(2)
    numbers = [struct.pack("<f", struct.unpack("<f", chance.randbytes(4))[0]) for _ in range(2000)]
    results = FROM.run({"schema": "float", "nonfinite": "null"}).transform(numbers)
    given = [number for number, result in zip(numbers, results, strict=True) if result != b"null\n"]
    texts = [text for text in passed(results) if text != b"null\n"]
    assert [struct.pack("<f", float(text)) for text in texts] == given
    assert len(given) > 1900


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_files_as_the_peer_writes_them(codec: str) -> None:
    chance = random.Random(3)
    run, checked = FROM.run({"framing": "container"}), 0
    for _ in range(60):
        made = avro.Schemas(chance)
        schema = made.schema()
        values = [avro.value(schema, made.defined, chance) for _ in range(20)]
        out = io.BytesIO()
        fastavro.writer(
            out, schema, [value.datum for value in values], codec, sync_interval=chance.choice([1, 100, 16000])
        )
        (result,) = run.transform([out.getvalue()])
        results = result if isinstance(result, list) else [result]
        assert [loaded(text) for text in results] == [exact(value.plain) for value in values]
        pinned = FROM.run({"framing": "container", "schema": schema})
        assert pinned.transform([out.getvalue()]) == [result]
        checked += len(results)
    assert checked == 1200


def test_fingerprints_are_those_of_the_peer() -> None:
    chance = random.Random(4)
    for _ in range(60):
        made = avro.Schemas(chance)
        schema = made.schema()
        datum = avro.written(schema, avro.value(schema, made.defined, chance).datum)
        form = fastavro.schema.to_parsing_canonical_form(schema)
        mark = bytes.fromhex(fastavro.schema.fingerprint(form, "CRC-64-AVRO"))
        run = FROM.run({"schema": schema, "framing": "single-object"})
        passed(run.transform([b"\xc3\x01" + mark + datum]))
        assert run.one(b"\xc3\x01" + bytes(8) + datum) == ("wrong_schema", 2)


def container(schema: Any, data: list[Any], codec: str = "null", interval: int = 16000) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, schema, data, codec, sync_interval=interval)
    return out.getvalue()


def test_a_message_cut_anywhere_is_refused() -> None:
    datum = avro.written(ORDER, GIVEN)
    results = FROM.run({"schema": ORDER}).transform(truncations(datum))
    assert {result[0] for result in results if isinstance(result, tuple)} == {"truncated"}
    assert len(results) == len(datum)
    for codec in ("null", "deflate"):
        file = container(ORDER, [GIVEN] * 3, codec)
        header = len(container(ORDER, [], codec))
        results = FROM.run({"framing": "container"}).transform(truncations(file))
        assert [end for end, result in enumerate(results) if not isinstance(result, tuple)] == [header]
        assert {result[0] for result in results if isinstance(result, tuple)} <= {"truncated", "wrong_header"}


def test_hostile_bytes_pass_or_are_refused() -> None:
    chance = random.Random(7)
    for _ in range(12):
        made = avro.Schemas(chance)
        schema = made.schema()
        valid = [avro.written(schema, avro.value(schema, made.defined, chance).datum) for _ in range(20)]
        survives(FROM.run({"schema": schema, "nonfinite": "text"}), list(mutations(valid, chance, 600)))
        texts = [text(avro.value(schema, made.defined, chance).plain) for _ in range(20)]
        for settings in ({}, {"unknown": "drop", "numbers": "float", "logical": False}):
            survives(TO.run({"schema": schema, **settings}), list(mutations(texts, chance, 600)), of="avro")
    data = [avro.written(ORDER, GIVEN)]
    good, bad = survives(FROM.run({"schema": ORDER, "several": "split"}), list(mutations(data, chance, 3000)))
    assert good > 100
    assert bad > 100
    files = [container(ORDER, [GIVEN] * 5, codec, interval=40) for codec in ("null", "deflate")]
    good, bad = survives(FROM.run({"framing": "container"}), list(mutations(files, chance, 4000)))
    assert good > 100
    assert bad > 100


def test_a_count_that_is_not_there_costs_nothing() -> None:
    most = b"\xfe" + b"\xff" * 8 + b"\x01"
    for schema, code in (
        ({"type": "array", "items": "int"}, "truncated"),
        ({"type": "map", "values": "null"}, "truncated"),
        ({"type": "array", "items": "null"}, "too_many_items"),
        ({"type": "array", "items": {"type": "record", "name": "R", "fields": []}}, "too_many_items"),
        ({"type": "array", "items": {"type": "fixed", "name": "R", "size": 0}}, "too_many_items"),
        ("bytes", "truncated"),
        ("string", "truncated"),
    ):
        run = FROM.run({"schema": schema})
        before = run.guest.memory_size
        assert run.one(most + b"\x00" * 100)[0] == code
        assert run.guest.memory_size <= before + (1 << 20)
    nested = {"type": "array", "items": {"type": "array", "items": "null"}}
    assert FROM.run({"schema": nested}).one(b"\x02\x80\x80\x04" * 3 + b"\x00" * 9) == ("too_many_items", 5)
    blocks = (b"\x80\x80\x02" * 9) + b"\x00"  # 16,384 items a block
    assert FROM.run({"schema": {"type": "array", "items": "null"}}).one(blocks) == ("too_many_items", 12)
    file = container("null", [])
    sync = file[-16:]
    assert FROM.run({"framing": "container"}).one(file + most + b"\x00" + sync)[0] == "too_many_items"


def test_a_file_that_unpacks_to_much_is_refused() -> None:
    run = FROM.run({"framing": "container"})
    bomb = container("bytes", [bytes(70 << 20)], "deflate")
    assert len(bomb) < 100_000
    assert run.one(bomb)[0] == "too_large"
    small = container("int", [1] * 20_000, "deflate", interval=1)
    assert len(passed(run.transform([small])[0])) == 20_000


def test_schemas_of_files_that_mean_harm() -> None:
    run = FROM.run({"framing": "container"})
    header = container("int", [])

    def file(schema: bytes) -> bytes:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, {"type": "map", "values": "bytes"}, {"avro.schema": schema})
        return b"Obj\x01" + out.getvalue() + header[-16:]

    many = json.dumps({"type": "int", **{f"x{i}": 0 for i in range(30_000)}}).encode()
    deep = b"[" * 100_000
    nested = b'{"type":' * 31 + b'"int"' + b"}" * 31
    doubling: dict[str, Any] = {"type": "record", "name": "R0", "fields": [{"name": "x", "type": "int", "default": 0}]}
    for i in range(1, 10):
        fields = [{"name": "a", "type": doubling, "default": {}}]
        fields += [{"name": f"b{j}", "type": f"R{i - 1}", "default": {}} for j in range(9)]
        doubling = {"type": "record", "name": f"R{i}", "fields": fields}
    long_name = {"type": "record", "name": "n" * 200_000, "fields": []}
    for schema in (many, deep, json.dumps(doubling).encode(), json.dumps(long_name).encode(), b"\xff", b"{}", b"[]"):
        assert run.one(file(schema))[0] == "invalid_schema"
    assert run.transform([file(nested)]) == [None]
    wide = {"type": "record", "name": "R", "fields": [{"name": f"f{i}", "type": "int"} for i in range(5000)]}
    assert run.transform([file(json.dumps(wide).encode())]) == [None]


def test_a_schema_that_there_is_no_memory_for_refuses_its_message_alone() -> None:
    fields = [{"name": f"f{i}", "type": "int", "default": 0} for i in range(2000)]
    for large in (
        {"type": "int", "doc": [[[]]] * 30_000},
        {"type": "int", "doc": [{"": 0}] * 25_000},
        {"type": "record", "name": "R", "fields": fields},
    ):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, {"type": "map", "values": "bytes"}, {"avro.schema": json.dumps(large).encode()})
        file = b"Obj\x01" + out.getvalue() + bytes(16)
        found = set()
        for pages in range(12, 320, 2):
            run = FROM.run({"framing": "container"}, limits=Limits(time=30_000, memory=pages << 16))
            if pages << 16 > 2 * len(file) + (1 << 19):  # else there is none for the message
                found.add(result if (result := run.one(file)) is None else result[0])
                assert run.one(container("int", [7])) == b"7\n"
        assert found == {None, "too_large"}


def test_a_message_that_does_not_fit_is_refused() -> None:
    zeros = b"[" + b"0," * (5 << 20) + b"0]"
    given = TO.run({"schema": ["int", {"type": "array", "items": "int"}]}).transform([b"1", zeros, b"2"])
    assert given == [b"\x00\x02", ("too_large", None), b"\x00\x04"]


def test_data_are_512_deep_at_most() -> None:
    schema = {"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}
    run = FROM.run({"schema": schema})
    assert run.one(b"\x02" * 511 + b"\x00").count(b"next") == 512
    assert run.one(b"\x02" * 512 + b"\x00") == ("too_deep", 512)
    assert run.one(b"\x02" * 1_000_000)[0] == "too_deep"
    tagged = FROM.run({"schema": schema, "unions": "tagged"})
    assert tagged.one(b"\x02" * 300 + b"\x00")[0] == "too_deep"


def test_memory_is_a_high_water_mark() -> None:
    for settings, message in (
        ({"schema": ORDER}, avro.written(ORDER, GIVEN | {"note": "x" * 3000})),
        ({"framing": "container"}, container(ORDER, [GIVEN] * 10, "deflate")),
        ({"schema": {"type": "map", "values": ["string", "int"]}}, text({"a": "x" * 3000, "b": 1})),
    ):
        run = (TO if message.startswith(b"{") else FROM).run(settings)
        sizes = []
        for _ in range(10):
            run.transform([message] * 300)
            sizes.append(run.guest.memory_size)
        assert sizes[2] == sizes[-1]


def test_schemas_as_deep_as_json_may_be() -> None:
    arrays: Any = "int"
    for _ in range(31):
        arrays = {"type": "array", "items": arrays}
    unions: Any = "int"
    for _ in range(15):
        unions = [{"type": "map", "values": unions}]
    records: Any = {"type": "record", "name": "R", "fields": [{"name": "x", "type": "int", "default": 1}]}
    for i in range(9):
        fields = [{"name": "a", "type": records, "default": {}}]
        records = {"type": "record", "name": f"R{i}", "fields": fields}
    chain = [{"name": "f0", "type": "int", "default": 0}]
    defined: list[Any] = [{"type": "record", "name": "C0", "fields": chain}]
    for i in range(1, 60):
        link = [{"name": "f", "type": f"C{i - 1}", "default": {}}]
        defined.insert(0, {"type": "record", "name": f"C{i}", "fields": link})
    for schema in (arrays, unions, records):
        written = json.dumps(schema)
        fastavro.parse_schema(json.loads(written))
        form = fastavro.schema.to_parsing_canonical_form(json.loads(written))
        mark = bytes.fromhex(fastavro.schema.fingerprint(form, "CRC-64-AVRO"))
        head = TO.run({"schema": written, "framing": "single-object"})
        assert head.one(b"[]" if schema is arrays else b"{}")[:10] == b"\xc3\x01" + mark
    with pytest.raises(ConfigurationRefused, match="containers in containers"):
        TO.run({"schema": json.dumps([{"type": "array", "items": arrays}])})
    inside = {"type": "record", "name": "All", "fields": [{"name": "r", "type": kind} for kind in reversed(defined)]}
    for number, field in enumerate(inside["fields"]):
        field["name"] = f"r{number}"
    assert TO.run({"schema": inside}).one(json.dumps({f"r{i}": {} for i in range(60)}).encode()) == bytes(60)


def test_work_is_linear() -> None:
    """Messages of some MB, each of a kind that could cost more than its size: none runs into the limit of time."""
    fields = [{"name": f"f{i}", "type": ["null", "int"], "default": None} for i in range(300)]
    record = {"type": "record", "name": "R", "fields": fields}
    names = b"{" + b",".join(b'"x%d":0' % i for i in range(200_000)) + b"}"
    assert TO.run({"schema": record, "unknown": "drop"}).one(names) == bytes(300)
    both = [
        record,
        {"type": "record", "name": "S", "fields": [{"name": "f0", "type": "string"}]},
        {"type": "map", "values": "int"},
    ]
    assert isinstance(TO.run({"schema": both}).one(names), bytes)
    next_ = {"name": "n", "type": ["null", "A", "B"], "default": None}
    last = {"name": "z", "type": ["null", "string"], "default": None}
    a = {"type": "record", "name": "A", "fields": [{**next_}, last, {"name": "a", "type": "int"}]}
    b = {"type": "record", "name": "B", "fields": [next_, last]}
    a["fields"][0]["type"] = ["null", "A", b]
    text = b'{"n":' * 300 + b'{"z":"' + b"x" * 4_000_000 + b'"}' + b"}" * 300
    assert TO.run({"schema": [a, "B"]}).one(text)[0] == "too_many_attempts"
    assert TO.run({"schema": {"type": "bytes", "logicalType": "decimal", "precision": 2466}}).one(b"9" * 4_000_000) == (
        "number_out_of_range",
        0,
    )
    assert TO.run({"schema": "double", "numbers": "float"}).one(b"0." + b"9" * 4_000_000) == struct.pack("<d", 1.0)
    decimals = {"type": "array", "items": {"type": "bytes", "logicalType": "decimal", "precision": 2466, "scale": 9}}
    packed = b"\x80\x20" + (b"\x80\x10" + b"\x55" * 1024) * 2048 + b"\x00"
    assert isinstance(FROM.run({"schema": decimals}).one(packed), bytes)
    keys = b"".join(b"\x0c%06d" % i for i in range(400_000))
    count = avro.written("long", 400_000)
    assert FROM.run({"schema": {"type": "map", "values": "null"}}).one(count + keys + b"\x00").count(b"null") == 400_000
