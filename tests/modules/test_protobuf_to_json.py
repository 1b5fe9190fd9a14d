"""The committed protobuf-to-json.wasm: its cases, Google's library beside it, bytes of no meaning, and limits."""

import base64
import json
import random
import re
import struct
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import MODULES, ConfigurationRefused, Result, Run, Sandboxed

FOLDER = MODULES / "protobuf-to-json"
MODULE = Sandboxed(FOLDER)
TYPES = descriptor_pb2.FileDescriptorSet.FromString((FOLDER / "tests" / "types.binpb").read_bytes())
POOL = descriptor_pool.DescriptorPool()
for _file in TYPES.file:
    POOL.Add(_file)


def made(name: str) -> Any:
    """The class of a message."""
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(name))


def configured(message: str, types: descriptor_pb2.FileDescriptorSet = TYPES, **more: object) -> Run:
    encoded = base64.b64encode(types.SerializeToString()).decode()
    return MODULE.run({"descriptor_set": encoded, "message": message, **more})


# ---- Beside Google's library

NUMBERS = [0, 1, -1, 127, 128, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1, 300, -77]
FLOATS = [0.0, -0.0, 1.5, 1e-7, 1e21, 123456789.125, float("nan"), float("inf"), -float("inf"), 0.1, 100.0, 1 / 3]
TEXTS = ["", "a", "é€😀", '"\\\n\0', "zz top"]
RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64),
}


def scalar(field: Any, chance: random.Random) -> Any:
    if field.cpp_type in RANGES:
        low, high = RANGES[field.cpp_type]
        return chance.choice([number for number in NUMBERS if low <= number < high])
    if field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return chance.choice(FLOATS)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return chance.random() < 0.5
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        numbers = [value.number for value in field.enum_type.values]
        return chance.choice(numbers if field.enum_type.is_closed else [*numbers, 77, -3])
    return chance.randbytes(chance.randrange(6)) if field.type == FieldDescriptor.TYPE_BYTES else chance.choice(TEXTS)


def fill_timestamp(message: Any, chance: random.Random, depth: int) -> None:
    message.seconds = chance.choice([0, -62135596800, 253402300799, -1, chance.randrange(-62135596800, 253402300800)])
    message.nanos = chance.choice([0, 1, 1000, 1000000, 999999999, 500000000])


def fill_duration(message: Any, chance: random.Random, depth: int) -> None:
    message.seconds = chance.choice([0, 1, -1, 315576000000, -315576000000])
    message.nanos = chance.choice([0, 1, 1000, 1000000]) * (-1 if message.seconds < 0 else 1)


def fill_mask(message: Any, chance: random.Random, depth: int) -> None:
    message.paths.extend(chance.choice(["a", "foo_bar", "a.b_c.d"]) for _ in range(chance.randrange(3)))


def fill_any(message: Any, chance: random.Random, depth: int) -> None:
    name = chance.choice(["shop.Customer", "google.protobuf.Timestamp", "google.protobuf.Struct", "shop.Scalars"])
    inner = made(name)()
    fill(inner, chance, depth + 2)
    message.type_url, message.value = f"type.googleapis.com/{name}", inner.SerializeToString()


def fill_value(message: Any, chance: random.Random, depth: int) -> None:
    what = chance.randrange(6 if depth < 5 else 4)
    if what < 4:
        name, value = [("null_value", 0), ("number_value", 1.5), ("string_value", "é"), ("bool_value", True)][what]
        setattr(message, name, value)
    else:
        inner = message.struct_value if what == 4 else message.list_value
        inner.SetInParent()
        fill(inner, chance, depth + 1)


OWN: dict[str, Callable[[Any, random.Random, int], None]] = {
    "google.protobuf.Timestamp": fill_timestamp,
    "google.protobuf.Duration": fill_duration,
    "google.protobuf.FieldMask": fill_mask,
    "google.protobuf.Any": fill_any,
    "google.protobuf.Value": fill_value,
}


def fill(message: Any, chance: random.Random, depth: int = 0) -> None:
    """Gives a message random fields."""
    if message.DESCRIPTOR.full_name in OWN:
        OWN[message.DESCRIPTOR.full_name](message, chance, depth)
        return
    for field in message.DESCRIPTOR.fields:
        if not field.is_required and (chance.random() < 0.4 or (field.message_type and depth > 4)):
            continue
        target = getattr(message, field.name)
        times = chance.randrange(4)
        if field.is_repeated and field.message_type and field.message_type.GetOptions().map_entry:
            key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
            for _ in range(times):
                if value.message_type:
                    fill(target[scalar(key, chance)], chance, depth + 1)
                else:
                    target[scalar(key, chance)] = scalar(value, chance)
        elif field.is_repeated:
            for _ in range(times):
                if field.message_type:
                    fill(target.add(), chance, depth + 1)
                else:
                    target.append(scalar(field, chance))
        elif field.message_type:
            target.SetInParent()
            fill(target, chance, depth + 1)
        else:
            setattr(message, field.name, scalar(field, chance))


def rough(value: Any) -> Any:
    """A JSON value in which numbers that a float of 32 bits doesn't tell apart are the same, but 0 and -0 aren't."""
    if isinstance(value, dict):
        return {key: rough(each) for key, each in value.items()}
    if isinstance(value, list):
        return [rough(each) for each in value]
    if isinstance(value, bool | str | None) or abs(value) > 3e38:
        return value
    return struct.pack("<f", value).hex()


OPTIONS: list[tuple[dict[str, str], dict[str, bool]]] = [
    ({}, {}),
    ({"names": "proto"}, {"preserving_proto_field_name": True}),
    ({"defaults": "write"}, {"always_print_fields_with_no_presence": True}),
]
NAMES = ["shop.Order", "shop.Scalars", "shop.Lists", "shop.Maps", "shop.Known", "legacy.Legacy", "modern.Modern"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("option", OPTIONS, ids=["", "names", "defaults"])
def test_random_messages(name: str, option: tuple[dict[str, str], dict[str, bool]]) -> None:
    chance = random.Random(f"{name}{option}")
    encoded = []
    for _ in range(200):
        message = made(name)()
        fill(message, chance)
        encoded.append(message.SerializeToString())
        if name != "shop.Known":  # two of an Any would be one of the one's type with the other's value
            encoded.append(encoded[-1] + chance.choice(encoded))
    results = configured(name, **option[0]).transform(encoded)
    for raw, result in zip(encoded, results, strict=True):
        expected = json_format.MessageToDict(made(name).FromString(raw), descriptor_pool=POOL, **option[1])
        assert isinstance(result, bytes), result
        assert rough(json.loads(result)) == rough(expected)


def test_digits_of_floating_numbers_are_exact() -> None:
    chance = random.Random(5)
    doubles = [struct.unpack("<d", chance.randbytes(8))[0] for _ in range(2000)]
    doubles = [double for double in doubles if double == double and abs(double) != float("inf")]
    floats = [struct.unpack("<f", chance.randbytes(4))[0] for _ in range(2000)]
    floats = [single for single in floats if single == single and abs(single) != float("inf")]
    result = configured("shop.Lists").one(made("shop.Lists")(doubles=doubles, floats=floats).SerializeToString())
    assert isinstance(result, bytes)
    read = json.loads(result)
    assert read["doubles"] == doubles
    assert [struct.pack("<f", single) for single in read["floats"]] == [struct.pack("<f", single) for single in floats]


def test_every_day_of_four_hundred_years() -> None:
    chance = random.Random(6)
    known = made("shop.Known")()
    for day in range(146_097 + 366):
        known.timestamps.add(seconds=day * 86_400 + chance.randrange(86_400) - 62135596800)
    result = configured("shop.Known").one(known.SerializeToString())
    assert isinstance(result, bytes)
    assert json.loads(result)["timestamps"] == [each.ToJsonString() for each in known.timestamps]


# ---- What is wrong

UNDER_TEST = {name: configured(name, unknown="drop") for name in ("shop.Order", "shop.Lists", "legacy.Legacy")}


ONLY_OURS = {"invalid_utf8", "protobuf_missing_field", "protobuf_bad_value"}
OVER_64_BITS = re.compile(rb"[\x80-\xff]{9}[\x02-\x7f]")  # a varint of which Google's library leaves bits out


def agrees(name: str, raw: bytes) -> None:
    """Both read it, or neither does."""
    result = UNDER_TEST[name].one(raw)
    try:
        message = made(name).FromString(raw)
        expected = json_format.MessageToDict(message, descriptor_pool=POOL)
    except (DecodeError, json_format.SerializeToJsonError, ValueError):
        assert isinstance(result, tuple)
        return
    if isinstance(result, tuple):  # what only we refuse
        assert result[0] in ONLY_OURS or (result[0] == "protobuf_malformed" and OVER_64_BITS.search(raw))
        return
    assert isinstance(result, bytes)
    assert rough(json.loads(result)) == rough(expected)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted(UNDER_TEST)), st.binary(max_size=40))
def test_bytes_of_no_meaning(name: str, data: bytes) -> None:
    agrees(name, data)


def test_messages_with_bytes_changed_or_missing() -> None:
    chance = random.Random(8)
    for _ in range(1500):
        name = chance.choice(sorted(UNDER_TEST))
        message = made(name)()
        fill(message, chance, 3)
        raw = bytearray(message.SerializeToString())[: chance.randrange(1, 300)]
        for _ in range(chance.randrange(3)):
            if raw:
                raw[chance.randrange(len(raw))] = chance.randrange(256)
        agrees(name, bytes(raw))


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 8000), st.sampled_from(["a.M", "shop.Order"]))
def test_a_descriptor_set_of_no_meaning_is_refused_or_read(data: bytes, at: int, message: str) -> None:
    whole = TYPES.SerializeToString()
    broken = whole[:at] + data + whole[at + len(data) :]
    for types in (data, broken):
        configuration = {"descriptor_set": base64.b64encode(types).decode(), "message": message}
        try:
            run = MODULE.run(configuration)
        except ConfigurationRefused as refused:
            assert str(refused).startswith(("descriptor_set", "message"))  # noqa: PT017
        else:
            assert isinstance(run.one(b""), bytes | tuple)


# ---- Limits


def nested(levels: int) -> bytes:
    """A customer who was referred by a customer, so many times."""
    encoded = b""
    for _ in range(levels):
        length = len(encoded)
        size = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
        encoded = b"\x2a" + size + encoded
    return encoded


def test_512_messages_in_one_another() -> None:
    run = configured("shop.Customer")
    assert run.one(nested(511)) == b'{"referredBy":' * 511 + b"{}" + b"}" * 511
    result = run.one(nested(512))
    assert isinstance(result, tuple)
    assert result[0] == "too_deep"


def test_512_levels_of_json_in_fewer_messages() -> None:
    value = b"\x32\x00"  # an empty list
    for _ in range(170):
        value = b"\x0a" + varint(len(value)) + value
        value = b"\x32" + varint(len(value)) + value
    result = configured("google.protobuf.Value").one(value)
    assert result == b"[" * 171 + b"]" * 171
    for _ in range(200):
        value = b"\x0a" + varint(len(value)) + value
        value = b"\x32" + varint(len(value)) + value
    result = configured("google.protobuf.Value").one(value)
    assert isinstance(result, tuple)
    assert result[0] == "too_deep"


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def test_groups_that_are_not_known_may_not_be_deep_either() -> None:
    run = configured("shop.Customer", unknown="drop")
    assert run.one(b"\x33" * 100 + b"\x34" * 100) == b"{}"
    assert run.one(b"\x33" * 5_000_000) == ("protobuf_malformed", 0)


def with_length(tag: bytes, content: bytes) -> bytes:
    return tag + varint(len(content)) + content


HUGE: dict[str, tuple[str, bytes, Result]] = {
    "messages": ("shop.Order", b"\x1a\x00" * 4_000_000, ("too_large", 0)),
    "texts": ("shop.Customer", b"\x22\x00" * 4_000_000, ("too_large", 0)),
    "entries of a map": ("shop.Maps", b"\x0a\x00" * 4_000_000, ("too_large", 0)),
    "numbers one by one": ("shop.Lists", b"\x40\x01" * 4_000_000, ("too_large", 0)),
    "packed": ("shop.Lists", with_length(b"\x2a", b"\1" * 10**6), b'{"bools":[' + b"true," * 999_999 + b"true]}"),
    "too many packed": ("shop.Lists", with_length(b"\x2a", b"\0" * 12_000_000), ("too_large", 0)),
    "one field again and again": ("shop.Order", b"\x08\x01" * 7_000_000, b'{"id":"1"}'),
    "one message again and again": ("shop.Order", b"\x12\x02\x1a\x00" * 3_000_000, b'{"customer":{"phone":""}}'),
    "a text": ("shop.Customer", with_length(b"\x0a", b"x" * 15_000_000), b'{"name":"' + b"x" * 15_000_000 + b'"}'),
    "a text that grows": ("shop.Customer", with_length(b"\x0a", b"\0" * 15_000_000), ("too_large", 0)),
    "bytes": ("shop.Scalars", with_length(b"\x7a", b"\0" * 9_000_000), b'{"someBytes":"' + b"A" * 12_000_000 + b'"}'),
    "fields that are not known": ("shop.Customer", b"\x30\x01" * 7_000_000, b"{}"),
}  # fmt: skip


@pytest.mark.parametrize("what", HUGE)
def test_a_message_of_megabytes_costs_itself_alone(what: str) -> None:
    name, raw, expected = HUGE[what]
    before, result, after = configured(name, unknown="drop").transform([b"", raw, b""])
    assert before == after == b"{}"
    if isinstance(expected, tuple):  # where exactly doesn't matter
        assert isinstance(result, tuple)
        assert result[0] == expected[0]
    else:
        assert result == expected


def test_a_map_of_many_keys_in_any_order() -> None:
    keys = list(range(100_000))
    random.Random(9).shuffle(keys)
    maps = made("shop.Maps")()
    raw = b"".join(made("shop.Maps")(int32s={key: "x"}).SerializeToString() for key in [*keys, *keys[:1000]])
    maps.MergeFromString(raw)
    result = configured("shop.Maps").one(raw)
    assert isinstance(result, bytes)
    assert list(json.loads(result)["int32s"]) == [str(key) for key in sorted(keys)]


def test_memory_is_a_high_water_mark() -> None:
    run = configured("shop.Order")
    chance = random.Random(10)
    encoded = []
    for _ in range(50):
        order = made("shop.Order")()
        fill(order, chance)
        encoded.append(order.SerializeToString())
    sizes = []
    for _ in range(400):
        run.transform(encoded)
        sizes.append(run.guest.memory_size)
    assert sizes[-1] == sizes[200]
    assert sizes[-1] <= 8 << 20


def test_nothing_of_the_machine_that_built_it_is_in_the_module() -> None:
    wasm = MODULE.wasm.read_bytes()
    assert [word for word in (b"/root/", b"/home/", b"/work/", b"/tmp/", b"/usr/local") if word in wasm] == []
