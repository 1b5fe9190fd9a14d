"""`/openapi.json`: the HTTP contract, made from the lists that the code itself uses."""

from __future__ import annotations

from functools import cache
from typing import Any

from gateway import __version__, errors, media
from gateway.decisions import query
from gateway.web import modules, problem

_INGEST_ERRORS = (400, 401, 403, 413, 415, 422, 429, 503)


def _answer(text: str, media_type: str, schema: str) -> dict[str, Any]:
    return {"description": text, "content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _problems(*statuses: int) -> dict[str, Any]:
    codes: dict[int, set[str]] = {}
    for kind in errors.kinds():
        codes.setdefault(kind.status, set()).add(kind.code)
    codes[422] = codes.get(422, set()) | {failure.value for failure in errors.GuestFailure}
    return {
        str(status): _answer(f"`code`: {', '.join(sorted(codes[status]))}", problem.MEDIA_TYPE, "Problem")
        for status in statuses
    }


def _parameter(name: str, text: str, place: str = "query", kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": place, "description": text, "required": place == "path", "schema": {"type": kind}}


def _read(summary: str, *statuses: int, parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {
        "get": {
            "summary": summary,
            "parameters": parameters or [],
            "responses": {
                "200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}},
                **_problems(*statuses),
            },
        }
    }


@cache
def description() -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    object_ = {"type": "object"}
    result = {
        "type": "object",
        "required": ["index", "status", "code"],
        "properties": {
            "index": {"type": "integer", "description": "of the message in the request, from 0"},
            "status": {"const": "refused"},
            "code": {"type": "string"},
            "offset": {"type": "integer", "description": "byte of the message"},
        },
    }
    filters = [_parameter(name, text) for name, text in query.FILTERS.items()]
    paging = [
        _parameter("cursor", "`next` of the page before."),
        _parameter("limit", f"Decisions in a page, 1 to {query.LIMIT}.", kind="integer"),
    ]
    stream = _parameter("stream", "Name of the stream.", "path")
    headers = [
        _parameter("Idempotency-Key", "Kept in the decision.", "header"),
        _parameter("X-Request-Id", "Kept in the decision.", "header"),
        _parameter("traceparent", "W3C Trace Context; kept in the decision.", "header"),
        _parameter("X-Hub-Signature-256", "Instead of an API key, for a webhook.", "header"),
    ]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Maskgate",
            "version": __version__,
            "description": "Masks personal data in messages by policy, records what it decided, and forwards the rest.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}, {"key": []}],
        "paths": {
            "/v1/streams/{stream}/messages": {
                "post": {
                    "summary": "Send one message or many",
                    "parameters": [stream, *headers],
                    "requestBody": {
                        "required": True,
                        "description": "Plain, or with Content-Encoding gzip or deflate.",
                        "content": {
                            media.JSON: {"schema": {}},
                            media.NDJSON: {"schema": {"type": "string"}},
                            media.CSV: {"schema": {"type": "string"}},
                        },
                    },
                    "responses": {
                        "200": _answer("Every destination has confirmed", "application/json", "Acknowledgement"),
                        **_problems(*_INGEST_ERRORS),
                    },
                }
            },
            "/v1/decisions": _read("Ask the decision log", 400, 401, 403, parameters=filters + paging),
            "/v1/decisions/{id}": _read(
                "One decision, or what was asked for a request that has none",
                401,
                403,
                404,
                parameters=[_parameter("id", "UUIDv7.", "path")],
            ),
            "/v1/policies": _read("What is loaded, and the last refused reload", 401, 403),
            "/v1/policies/explain": {
                "post": {
                    "summary": "What would happen to a producer's messages",
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["producer", "stream"],
                                    "properties": {"producer": {"type": "string"}, "stream": {"type": "string"}},
                                }
                            }
                        },
                    },
                    "responses": {
                        "200": {"description": "OK", "content": {"application/json": {"schema": object_}}},
                        **_problems(400, 401, 403),
                    },
                }
            },
            "/v1/modules": {
                **_read("Modules, what they ask for and what they are granted", 401, 403),
                "post": {
                    "summary": "Install a version from a registry of trust.yaml, verified and compiled",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": modules.schema(modules.Wanted)}},
                    },
                    "responses": {
                        "200": {"description": "It is there", "content": {"application/json": {"schema": object_}}},
                        **_problems(400, 401, 403, 409, 503),
                    },
                },
            },
            "/v1/modules/{name}": {
                "post": {
                    "summary": "Put another version of a module in force, or on trial, while messages flow",
                    "parameters": [_parameter("name", "Name of the module.", "path")],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": modules.schema(modules.Change)}},
                    },
                    "responses": {
                        "200": {"description": "It is in force", "content": {"application/json": {"schema": object_}}},
                        **_problems(400, 401, 403, 409, 503),
                    },
                }
            },
            "/healthz": _read("The process answers"),
            "/readyz": _read("Messages can be taken", 503),
            "/metrics": {"get": {"summary": "Prometheus metrics", "responses": {"200": {"description": "OK"}}}},
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
            "schemas": {
                "Acknowledgement": {
                    "type": "object",
                    "required": ["id", "messages", "delivered", "dropped", "refused"],
                    "properties": {
                        "id": {"type": "string", "format": "uuid", "description": "of the decision"},
                        "messages": {"type": "integer"},
                        "delivered": {"type": "integer"},
                        "dropped": {"type": "integer"},
                        "refused": {"type": "integer"},
                        "results": {"type": "array", "maxItems": problem.RESULTS, "items": result},
                    },
                },
                "Problem": {
                    "type": "object",
                    "description": "RFC 9457",
                    "required": ["type", "title", "status", "detail", "code"],
                    "properties": {
                        "type": {"type": "string", "format": "uri-reference"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "code": {"type": "string"},
                        "decision": {"type": "string", "format": "uuid"},
                        "refused": {"type": "integer"},
                        "results": {"type": "array", "items": result},
                    },
                },
            },
        },
    }
