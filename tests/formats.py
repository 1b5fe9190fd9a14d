"""Formats as producers send them and as destinations take them, by the modules that turn them into JSON and back.

A format more is an entry more in SENT or TAKEN: `test_conversions.py` takes each of them through the whole gateway.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import cbor2
import fastavro
import msgpack
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# A stream of flat records, in which every kind of answer to a classified field comes.
FIELDS = {
    "/id": "public",
    "/total": "public",
    "/name": "pii.name",
    "/mail": "pii.email",
    "/card": "pci.pan",
    "/note": "text",
}
RECORDS = [
    {
        "id": "o-1",
        "name": "Zoë Quintana",
        "mail": "zoe@mail.example",
        "card": "4111111111111111",
        "note": 'rang, <twice> & said "no"',
        "token": "t0p-s3cret",
    },
    {
        "id": "o-2",
        "name": "Ada Lovelace",
        "mail": "ada@mail.example",
        "card": "5500000000000004",
        "note": "=HYPERLINK(1)",
        "token": "t0p-s3cret",
    },
]
RAW = [value for record in RECORDS for name, value in record.items() if name != "id"]
Record = Mapping[str, Any]
Steps = list[dict[str, Any]]


class Sent(NamedTuple):
    """A format that producers send."""

    media_type: str
    steps: Steps
    write: Callable[[list[dict[str, str]]], bytes]  # of what one body can hold
    wrong: bytes  # a body that isn't in the format, with a raw value in it
    code: str
    several: bool = True  # whether one body holds several records


def delimited(delimiter: str) -> Callable[[list[dict[str, str]]], bytes]:
    def write(records: list[dict[str, str]]) -> bytes:
        out = io.StringIO()
        writer = csv.DictWriter(out, list(records[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(records)
        return out.getvalue().encode()

    return write


def xml(records: list[dict[str, str]]) -> bytes:
    members = ("".join(f"<{key}>{escape(value)}</{key}>" for key, value in record.items()) for record in records)
    return f'<?xml version="1.0"?><orders>{"".join(f"<order>{inner}</order>" for inner in members)}</orders>'.encode()


ORDER = descriptor_pb2.FileDescriptorProto(name="order.proto", package="shop", syntax="proto3")
_message = ORDER.message_type.add(name="Order")
for _number, _name in enumerate(RECORDS[0], 1):
    _message.field.add(name=_name, number=_number, type="TYPE_STRING", label="LABEL_OPTIONAL")
_pool = descriptor_pool.DescriptorPool()
_pool.Add(ORDER)
Order: Any = message_factory.GetMessageClass(_pool.FindMessageTypeByName("shop.Order"))
DESCRIPTORS = base64.b64encode(descriptor_pb2.FileDescriptorSet(file=[ORDER]).SerializeToString()).decode()


def protobuf(records: list[dict[str, str]]) -> bytes:
    messages = [Order(**record).SerializeToString() for record in records]
    assert all(len(message) < 1 << 14 for message in messages)
    varints = [bytes([len(m)]) if len(m) < 128 else bytes([len(m) & 127 | 128, len(m) >> 7]) for m in messages]
    return b"".join(length + message for length, message in zip(varints, messages, strict=True))


def logfmt(record: Mapping[str, str]) -> str:
    return " ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in record.items())


def syslog(record: Mapping[str, str]) -> str:
    return " ".join(f'{key}="{value.replace(chr(34), chr(92) + chr(34))}"' for key, value in record.items())


AVRO: Any = {"type": "record", "name": "Order", "fields": [{"name": name, "type": "string"} for name in RECORDS[0]]}


def avro(record: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, AVRO, record)
    return out.getvalue()


SENT = {
    "csv": Sent(
        "text/csv", [{"module": "csv-to-json"}], delimited(","), b'mail\n"zoe@mail.example\n', "csv_unclosed_quote"
    ),
    "tsv": Sent(
        "text/tab-separated-values",
        [{"module": "csv-to-json", "with": {"delimiter": "\t"}}],
        delimited("\t"),
        b"id\tmail\nzoe@mail.example\n",
        "csv_wrong_columns",
    ),
    "xml": Sent(
        "application/xml",
        [
            {"module": "xml-to-json", "with": {"split": "/orders/order"}},
            {"module": "extract", "with": {"fields": {f"/{key}": f"/order/{key}" for key in RECORDS[0]}}},
        ],
        xml,
        b"<order><mail>zoe@mail.example</order>",
        "xml_malformed",
    ),
    "msgpack": Sent(
        "application/msgpack",
        [{"module": "msgpack-to-json", "with": {"several": "split"}}],
        lambda records: b"".join(map(msgpack.packb, records)),
        msgpack.packb({"mail": "zoe@mail.example", "id": "o-1"})[:-1],
        "truncated",
    ),
    "cbor": Sent(
        "application/cbor",
        [{"module": "cbor-to-json"}],
        lambda records: cbor2.dumps(records[0]),
        cbor2.dumps({"mail": "zoe@mail.example", "id": "o-1"})[:-1],
        "truncated",
        several=False,
    ),
    "avro": Sent(
        "avro/binary",
        [{"module": "avro-to-json", "with": {"schema": AVRO, "several": "split"}}],
        lambda records: b"".join(map(avro, records)),
        avro(RECORDS[0])[:-1],
        "truncated",
    ),
    "form": Sent(
        "application/x-www-form-urlencoded",
        [{"module": "form-to-json"}],
        lambda records: urlencode(records[0]).encode(),
        b"id=o-1&mail=zoe@mail.example%4",
        "form_bad_percent",
        several=False,
    ),
    "logfmt": Sent(
        "application/logfmt",
        [{"module": "logfmt-to-json"}],
        lambda records: "".join(f"{logfmt(record)}\n" for record in records).encode(),
        b'mail="zoe@mail.example\n',
        "logfmt_unclosed_quote",
    ),
    "syslog": Sent(
        "application/syslog",
        [
            {"module": "syslog-to-json"},
            {"module": "extract", "with": {"fields": {f"/{key}": f"/structured_data/o@1/{key}" for key in RECORDS[0]}}},
        ],
        lambda records: "".join(f"<13>1 - - - - - [o@1 {syslog(record)}] paid\n" for record in records).encode(),
        b'<13>1 - - - - - [o@1 mail="zoe@mail.example]\n',
        "syslog_malformed",
    ),
    "protobuf": Sent(
        "application/protobuf",
        [
            {
                "module": "protobuf-to-json",
                "with": {"descriptor_set": DESCRIPTORS, "message": "shop.Order", "delimited": True},
            }
        ],
        protobuf,
        b"\x13\x0a\x10zoe@mail.example",
        "protobuf_malformed",
    ),
}


class Taken(NamedTuple):
    """A format that destinations take."""

    steps: Steps
    framing: str
    read: Callable[[bytes], Iterable[Record]]


def framed(content: bytes) -> Iterator[bytes]:
    while content:
        (length,) = struct.unpack_from(">I", content)
        yield content[4 : 4 + length]
        content = content[4 + length :]


def read_json(content: bytes) -> Iterator[Record]:
    yield from map(json.loads, content.splitlines())


COLUMNS = [pointer for pointer in FIELDS if pointer != "/total"]


# A mask may take a field away.
MASKED: Any = {
    "type": "record",
    "name": "Masked",
    "fields": [{"name": name[1:], "type": ["null", "string", "long", "double"], "default": None} for name in FIELDS],
}


def read_avro(content: bytes) -> Iterator[Record]:
    for datum in framed(content):
        record: Any = fastavro.schemaless_reader(io.BytesIO(datum), MASKED, None)
        yield {name: value for name, value in record.items() if value is not None}


def read_csv(content: bytes) -> Iterator[Record]:
    names = [pointer[1:] for pointer in COLUMNS] + ["total"]
    for record in csv.DictReader(io.StringIO(content.decode(), newline=""), names, strict=True):
        yield {**record, "total": json.loads(record["total"])}


TAKEN = {
    "csv": Taken([{"module": "json-to-csv", "with": {"columns": [*COLUMNS, "/total"]}}], "lines", read_csv),
    "avro": Taken([{"module": "json-to-avro", "with": {"schema": MASKED}}], "length", read_avro),
    "cbor": Taken([{"module": "json-to-cbor"}], "length", lambda content: map(cbor2.loads, framed(content))),
    "msgpack": Taken([{"module": "json-to-msgpack"}], "length", lambda content: map(msgpack.unpackb, framed(content))),
}
