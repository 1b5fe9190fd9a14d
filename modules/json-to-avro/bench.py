"""Orders of a web shop; the peer reads them with orjson, and fastavro writes them."""

import io

import fastavro
import orjson

from gateway.authoring import samples

CUSTOMER = {
    "type": "record",
    "name": "Customer",
    "fields": [{"name": "id", "type": "long"}] + [{"name": n, "type": "string"} for n in ("name", "email", "country")],
}
ITEM = {
    "type": "record",
    "name": "Item",
    "fields": [{"name": "sku", "type": "string"}, {"name": "count", "type": "int"}, {"name": "note", "type": "string"}],
}
ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "order", "type": "string"},
        {"name": "customer", "type": CUSTOMER},
        {"name": "items", "type": {"type": "array", "items": ITEM}},
        {"name": "total", "type": "double"},
    ],
}
CONFIGURATION: dict[str, object] = {"schema": ORDER}
PEER = "orjson, fastavro"
PARSED = fastavro.parse_schema(ORDER)


def messages() -> list[bytes]:
    return samples.orders()


def written(order: object) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, PARSED, order)
    return out.getvalue()


def peer(messages: list[bytes]) -> object:
    return [written(orjson.loads(message)) for message in messages]
