"""What `maskgate modules bench` measures: orders, beside Google's own library (upb) with its json_format and orjson."""

import base64
import random

import orjson
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, timestamp_pb2

PEER = "protobuf"


def _types() -> descriptor_pb2.FileDescriptorSet:
    """The descriptors of a file shop.proto: Order with Customer, Line and a Timestamp."""
    file = descriptor_pb2.FileDescriptorProto(name="shop.proto", package="shop", syntax="proto3")
    file.dependency.append("google/protobuf/timestamp.proto")
    kinds = {"int64": 3, "int32": 5, "string": 9, "message": 11, "double": 1}
    messages: dict[str, list[tuple[str, str, str, bool]]] = {
        "Customer": [
            ("name", "string", "", False), ("email_address", "string", "", False), ("tags", "string", "", True),
        ],
        "Line": [("sku", "string", "", False), ("count", "int32", "", False), ("price", "double", "", False)],
        "Order": [
            ("id", "int64", "", False), ("customer", "message", ".shop.Customer", False),
            ("lines", "message", ".shop.Line", True), ("note", "string", "", False),
            ("ordered_at", "message", ".google.protobuf.Timestamp", False),
        ],
    }  # fmt: skip
    for name, fields in messages.items():
        made = file.message_type.add(name=name)
        for number, (field, kind, type_name, repeated) in enumerate(fields, 1):
            made.field.add(
                name=field, number=number, type=kinds[kind], type_name=type_name or None, label=3 if repeated else 1
            )
    timestamp = descriptor_pb2.FileDescriptorProto()
    timestamp_pb2.DESCRIPTOR.CopyToProto(timestamp)
    return descriptor_pb2.FileDescriptorSet(file=[timestamp, file])


TYPES = _types()
CONFIGURATION: dict[str, object] = {
    "descriptor_set": base64.b64encode(TYPES.SerializeToString()).decode(),
    "message": "shop.Order",
}
GRANTS = ["clock", "random"]

POOL = descriptor_pool.DescriptorPool()
for _file in TYPES.file:
    POOL.Add(_file)
ORDER = message_factory.GetMessageClass(POOL.FindMessageTypeByName("shop.Order"))


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [_order(number, chance) for number in range(2_000)]


def _order(number: int, chance: random.Random) -> bytes:
    name = chance.choice(["Ada Lovelace", "Grace Hopper", "Zoë Quintana", "Søren Østergård", "Alan Turing"])
    value = {
        "id": 10**12 + number,
        "customer": {
            "name": name,
            "emailAddress": f"{name.split()[0].lower()}{number}@example.org",
            "tags": chance.sample(["new", "vip", "newsletter", "b2b"], 2),
        },
        "lines": [
            {
                "sku": f"sku-{chance.randrange(10**6)}",
                "count": chance.randrange(1, 9),
                "price": chance.randrange(99_999) / 100,
            }
            for _ in range(chance.randrange(1, 6))
        ],
        "note": chance.choice(["", "ring twice", "leave it with the neighbour"]),
        "orderedAt": f"2026-0{chance.randrange(1, 10)}-17T0{chance.randrange(10)}:30:00.{chance.randrange(1000):03}Z",
    }
    encoded: bytes = json_format.ParseDict(value, ORDER()).SerializeToString()
    return encoded


def peer(messages: list[bytes]) -> object:
    return [orjson.dumps(json_format.MessageToDict(ORDER.FromString(message))) for message in messages]
