"""What the security team, auditors and monitoring ask: decisions, policies, modules, health, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec
import prometheus_client
from msgspec import Struct
from prometheus_client import multiprocess
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from gateway import __version__, errors
from gateway.config import Settings
from gateway.decisions import query
from gateway.decisions.recorder import Recorder
from gateway.decisions.store import DecisionStore
from gateway.errors import BadQuery, BadRequest, MaskgateError, NoCredential, NotFound, Unavailable, UserNotPermitted
from gateway.flow import Credential, Ruling
from gateway.policy import explain
from gateway.web import authenticate, modules, openapi, problem

_GUEST_FAILED = "A module broke its contract on this request's messages; nothing was sent."
_NDJSON, _CSV = "application/x-ndjson", "text/csv"


class Refused(Struct, frozen=True):
    """A reload that changed nothing, and why."""

    time: int  # nanoseconds since the epoch, UTC
    reason: str


class Served(modules.Served, Protocol):
    """The worker, as the control API sees it."""

    settings: Settings
    store: DecisionStore
    recorder: Recorder
    refused: Refused | None


Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


def control(gateway: Served, lifespan: Lifespan) -> Starlette:
    """The Starlette application of everything but the ingest."""
    api = Control(gateway)
    return Starlette(
        routes=[
            Route("/v1/streams/{stream}/messages", _not_serving, methods=["POST"]),
            Route("/v1/decisions", api.decisions),
            Route("/v1/decisions/{id}", api.decision),
            Route("/v1/policies", api.policies),
            Route("/v1/policies/explain", api.explain, methods=["POST"]),
            Route("/v1/modules", api.modules),
            Route("/v1/modules", api.install_module, methods=["POST"]),
            Route("/v1/modules/{name}", api.change_module, methods=["POST"]),
            Route("/healthz", api.health),
            Route("/readyz", api.ready),
            Route("/metrics", api.metrics),
            Route("/openapi.json", api.openapi),
            Route("/problems/{code}", api.problem),
        ],
        exception_handlers={MaskgateError: _answer, 404: _not_found, 405: _wrong_method, 500: _failed},
        lifespan=lifespan,
    )


class Control:
    def __init__(self, gateway: Served) -> None:
        self._gateway = gateway

    async def decisions(self, request: Request) -> Response:
        self._permit(request, "readDecisions")
        path = self._gateway.store.path
        filters = {name: value for name, value in request.query_params.items() if name not in ("cursor", "limit")}
        accept = request.headers.get("accept", "")
        try:
            if _NDJSON in accept or _CSV in accept:
                await asyncio.to_thread(query.find, path, filters, limit=1)  # an error must come before the answer
                lines = _csv if _CSV in accept else _ndjson
                rows = query.every(path, filters)
                return StreamingResponse(_stream(lines(rows)), media_type=_CSV if _CSV in accept else _NDJSON)
            limit = int(request.query_params.get("limit", "100"))
            cursor = request.query_params.get("cursor")
            page = await asyncio.to_thread(query.find, path, filters, cursor=cursor, limit=limit)
        except query.QueryError as error:
            raise BadQuery(str(error)) from None
        except ValueError:
            raise BadQuery("limit: a number") from None
        return _json(page)

    async def decision(self, request: Request) -> Response:
        self._permit(request, "readDecisions")
        found = await asyncio.to_thread(query.get, self._gateway.store.path, request.path_params["id"])
        if found is None:
            raise NotFound("There is no decision of this id.")
        return _json(found)

    async def policies(self, request: Request) -> Response:
        self._permit(request, "managePolicies")
        snapshot, refused = self._gateway.snapshot, self._gateway.refused
        policy = snapshot.policy
        return _json({
            "revision": snapshot.revision,
            "loaded_at": query.rfc3339(snapshot.loaded_at),
            "producers": len(policy.producers),
            "streams": sorted(policy.streams),
            "destinations": sorted(policy.destinations),
            "classes": sorted(policy.classes),
            "routes": len(snapshot.routes),
            "last_refused": {"time": query.rfc3339(refused.time), "reason": refused.reason} if refused else None,
        })  # fmt: skip

    async def explain(self, request: Request) -> Response:
        self._permit(request, "managePolicies")
        try:
            asked = msgspec.json.decode(await request.body(), type=explain.Question)
        except msgspec.MsgspecError as error:
            raise BadRequest(f"{error}.") from None
        return _json(explain.explain(self._gateway.snapshot.loaded, asked.producer, asked.stream))

    async def modules(self, request: Request) -> Response:
        self._permit(request, "manageModules")
        rows = await asyncio.to_thread(modules.shown, self._gateway.snapshot, self._gateway.modules)
        return _json({"modules": rows})

    async def install_module(self, request: Request) -> Response:
        credential, ruling = self._permit(request, "manageModules")
        wanted = modules.read_wanted(await request.body())
        return _json(await self._gateway.install(wanted.install, wanted.registry, credential, ruling))

    async def change_module(self, request: Request) -> Response:
        credential, ruling = self._permit(request, "manageModules")
        name, change = request.path_params["name"], modules.read(await request.body())
        edit = modules.edit(self._gateway.modules, name, change)
        await self._gateway.change(name, change.action, edit, credential, ruling)
        rows = await asyncio.to_thread(modules.shown, self._gateway.snapshot, self._gateway.modules)
        return _json({"modules": [row for row in rows if row["module"] == name]})

    async def health(self, request: Request) -> Response:
        return _json({"status": "ok", "version": __version__})

    async def ready(self, request: Request) -> Response:
        """Ready: the decision log takes a write, and every destination could take a message."""
        loop = asyncio.get_running_loop()
        written: asyncio.Future[BaseException | None] = loop.create_future()

        def done(error: BaseException | None) -> None:
            loop.call_soon_threadsafe(_resolve, written, error)

        self._gateway.recorder.put([], [], done)
        try:
            failure = await asyncio.wait_for(written, 5)
        except TimeoutError:
            failure = TimeoutError()
        unready = [name for name, sink in self._gateway.snapshot.sinks.items() if not sink.probe()]
        if failure is not None:
            unready.insert(0, "decision log")
        return _json({"status": "unready" if unready else "ready", "unready": unready}, 503 if unready else 200)

    async def metrics(self, request: Request) -> Response:
        registry = prometheus_client.REGISTRY
        if self._gateway.settings.workers > 1:
            registry = prometheus_client.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        content = await asyncio.to_thread(prometheus_client.generate_latest, registry)
        return Response(content, media_type=prometheus_client.CONTENT_TYPE_LATEST)

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(openapi.description())

    async def problem(self, request: Request) -> Response:
        """What a problem's `type` leads to."""
        code = request.path_params["code"]
        for kind in errors.kinds():
            if kind.code == code:
                return _json({"code": code, "status": kind.status, "title": kind.title, "detail": kind.detail})
        if code in {failure.value for failure in errors.GuestFailure}:
            failed = errors.GuestFailed
            return _json({"code": code, "status": failed.status, "title": failed.title, "detail": _GUEST_FAILED})
        for name, module in self._gateway.snapshot.loaded.modules.items():
            if refusal := module.manifest.refusals.get(code):
                detail = f"Module {name} refuses messages with this code."
                return _json({"code": code, "status": refusal.status, "title": refusal.title, "detail": detail})
        raise NotFound()

    def _permit(self, request: Request, action: str) -> tuple[Credential, Ruling]:
        """Who is asking, and what permits it. Raises NoCredential, WrongCredential, UserNotPermitted."""
        key = authenticate.api_key({name.lower(): value for name, value in request.headers.raw})
        if key is None:
            raise NoCredential("Send a user's API key as 'Authorization: Bearer KEY'.")
        credential = authenticate.by_key(key, self._gateway.snapshot.user_keys)
        ruling: Ruling = self._gateway.snapshot.loaded.decider.permits(credential.subject, action)
        if not ruling.allowed:
            raise UserNotPermitted()
        return credential, ruling


async def _not_serving(request: Request) -> Response:
    """Messages go straight to the ingest; here come those that are sent before it is open."""
    raise Unavailable()


def _resolve(future: asyncio.Future[BaseException | None], error: BaseException | None) -> None:
    if not future.done():
        future.set_result(error)


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _ndjson(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    return (msgspec.json.encode(row) + b"\n" for row in rows)


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    yield query.csv_line(None).encode()
    yield from (query.csv_line(row).encode() for row in rows)


async def _stream(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read the log in a thread, some hundred lines at a time."""

    def some() -> bytes:
        return b"".join(line for line, _ in zip(lines, range(500), strict=False))

    while part := await asyncio.to_thread(some):
        yield part


async def _answer(request: Request, error: Exception) -> Response:
    assert isinstance(error, MaskgateError)  # as registered
    headers = {name.decode(): value.decode() for name, value in problem.headers(error)}
    return Response(problem.problem(error), error.status, headers)


async def _not_found(request: Request, error: Exception) -> Response:
    return await _answer(request, NotFound())


async def _wrong_method(request: Request, error: Exception) -> Response:
    return await _answer(request, errors.WrongMethod())


async def _failed(request: Request, error: Exception) -> Response:
    return await _answer(request, MaskgateError())
