"""An OCI registry on loopback, in memory: what the distribution specification asks for, and the ways to break it.

Source: OCI distribution specification 1.1 (https://github.com/opencontainers/distribution-spec), end-1 to end-8b; the
token protocol of https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

USER, PASSWORD = "ada", "a word: nobody knows"

_NAME = r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"
_PATH = re.compile(
    rf"(?P<name>{_NAME})/(?:(?P<uploads>blobs/uploads/(?P<upload>[0-9a-f-]*))|blobs/(?P<blob>sha256:[0-9a-f]{{64}})|"
    r"manifests/(?P<reference>[\w.:-]+)|(?P<tags>tags/list))"
)


class Seen(NamedTuple):
    method: str
    path: str
    authorization: str | None


@dataclass
class Repository:
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, bytes] = field(default_factory=dict)  # by digest
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class OciServer:
    """`break_blob` and `break_manifest`, where set, are given the true bytes and say what is sent instead."""

    url: str = ""
    auth: str = "none"  # none | basic | token
    realm: str | None = None  # where tokens come from; None: here
    page: int = 100
    endless: bool = False  # listings never end
    elsewhere: str | None = None  # listings go on at another host
    blobs_at: str | None = None  # blobs are redirected there
    uploads_at: str | None = None  # uploads end there
    catalog: bool = True
    break_blob: Any = None
    break_manifest: Any = None
    digest_header: bool = True
    listing: bytes | None = None  # what is sent for any listing
    granted: bytes | None = None  # what is sent for any token
    challenge: str | None = None  # what is sent with a 401
    repositories: dict[str, Repository] = field(default_factory=dict)
    uploads: set[str] = field(default_factory=set)
    tokens: dict[str, str] = field(default_factory=dict)  # the scope of each
    seen: list[Seen] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def requests(self, method: str) -> list[str]:
        return [seen.path for seen in self.seen if seen.method == method]

    async def answer(self, request: Request) -> Response:
        rest = request.path_params["rest"]
        self.seen.append(Seen(request.method, rest, request.headers.get("authorization")))
        if rest == "token":
            return self._token(request)
        if refused := self._unauthorized(request, rest):
            return refused
        if rest == "_catalog" and self.catalog:
            return self._listed(request, "repositories", sorted(self.repositories))
        found = _PATH.fullmatch(rest)
        if found is None:
            return error(404, "NAME_INVALID")
        name = found["name"]
        if found["tags"]:
            if name not in self.repositories and self.listing is None:
                return error(404, "NAME_UNKNOWN")
            return self._listed(request, "tags", sorted(self.repositories[name].tags))
        if found["uploads"]:
            return await self._upload(request, name, found["upload"])
        if found["blob"]:
            if self.blobs_at and not self.blobs_at.endswith(request.headers["host"]):
                where = f"{self.blobs_at}/v2/{rest}?signature=secret"
                return RedirectResponse(where, status_code=307)
            return self._blob(name, found["blob"])
        return await self._manifest(request, name, found["reference"])

    def _token(self, request: Request) -> Response:
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {basic}":
            return error(401, "UNAUTHORIZED")
        if self.granted is not None:
            return Response(self.granted)
        token = uuid.uuid4().hex
        self.tokens[token] = request.query_params["scope"]
        return JSONResponse({"token": token, "expires_in": 300})

    def _unauthorized(self, request: Request, rest: str) -> Response | None:
        given = request.headers.get("authorization", "")
        if self.auth == "basic":
            if given == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
                return None
            challenge = 'Basic realm="registry"'
        elif self.auth == "token":
            name = rest.split("/blobs/")[0].split("/manifests/")[0].split("/tags/")[0]
            wanted = "pull" if request.method in ("GET", "HEAD") else "pull,push"
            scope = self.tokens.get(given.removeprefix("Bearer "), "")
            if scope.startswith(f"repository:{name}:pull") and (wanted == "pull" or scope.endswith("push")):
                return None
            realm = self.realm or f"{self.url}/v2/token"
            challenge = f'Bearer realm="{realm}",service="tests",scope="repository:{name}:{wanted}"'
        else:
            return None
        return error(401, "UNAUTHORIZED", {"www-authenticate": challenge if self.challenge is None else self.challenge})

    def _listed(self, request: Request, kind: str, entries: list[str]) -> Response:
        if self.listing is not None:
            return Response(self.listing)
        count = min(int(request.query_params.get("n", self.page)), self.page)
        after = [entry for entry in entries if entry > request.query_params.get("last", "")]
        page = after[:count]
        headers = {}
        if len(after) > count or self.endless or self.elsewhere:
            last = page[-1] if page and not self.endless else ""
            where = f"{self.elsewhere or ''}{request.url.path}?{urlencode({'n': count, 'last': last})}"
            headers["link"] = f'<{where}>; rel="next"'
        return JSONResponse({"name": "listing", kind: page}, headers=headers)

    async def _upload(self, request: Request, name: str, upload: str) -> Response:
        if request.method == "POST":
            begun = str(uuid.uuid4())
            self.uploads.add(begun)
            where = f"{self.uploads_at or ''}/v2/{name}/blobs/uploads/{begun}?_state=a%2Fb%3D"
            return Response(status_code=202, headers={"location": where})
        if request.method != "PUT" or upload not in self.uploads:
            return error(404, "BLOB_UPLOAD_UNKNOWN")
        content = await request.body()
        expected = request.query_params["digest"]
        if request.query_params["_state"] != "a/b=" or digest(content) != expected:
            return error(400, "DIGEST_INVALID")
        self.repositories.setdefault(name, Repository()).blobs[expected] = content
        return Response(status_code=201, headers={"location": f"/v2/{name}/blobs/{expected}"})

    def _blob(self, name: str, wanted: str) -> Response:
        blobs = self.repositories.get(name, Repository()).blobs
        if wanted not in blobs:
            return error(404, "BLOB_UNKNOWN")
        if self.break_blob:
            broken = self.break_blob(blobs[wanted])
            return broken if isinstance(broken, Response) else Response(broken)
        return Response(blobs[wanted], media_type="application/octet-stream")

    async def _manifest(self, request: Request, name: str, reference: str) -> Response:
        if request.method == "PUT":
            repository = self.repositories.setdefault(name, Repository())
            content = await request.body()
            manifest = json.loads(content)
            if any(one["digest"] not in repository.blobs for one in [manifest["config"], *manifest["layers"]]):
                return error(404, "MANIFEST_BLOB_UNKNOWN")
            repository.manifests[digest(content)] = content
            repository.tags[reference] = digest(content)
            return Response(status_code=201, headers={"location": f"/v2/{name}/manifests/{digest(content)}"})
        repository = self.repositories.get(name, Repository())
        found = repository.manifests.get(repository.tags.get(reference, reference))
        if found is None:
            return error(404, "MANIFEST_UNKNOWN")
        headers = {"docker-content-digest": digest(found)} if self.digest_header else {}
        if self.break_manifest:
            found = self.break_manifest(found)
            if isinstance(found, Response):
                return found
        return Response(found, media_type="application/vnd.oci.image.manifest.v1+json", headers=headers)


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def error(status: int, code: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": "…"}]}, status_code=status, headers=headers)


def without_end(size: int = 64 << 10) -> Response:
    """A body that goes on for as long as somebody reads."""

    def chunks() -> Iterator[bytes]:
        while True:
            yield b"\0" * size

    return StreamingResponse(chunks())


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address of an application that is served on loopback."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server didn't start"
            time.sleep(0.005)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def registry(**settings: Any) -> Iterator[OciServer]:
    server = OciServer(**settings)
    methods = ["GET", "HEAD", "POST", "PUT"]
    with serving(Starlette(routes=[Route("/v2/{rest:path}", server.answer, methods=methods)])) as server.url:
        yield server
