"""A registry folder over HTTP, to be read: the files of the layout and nothing else, as a static web server has them.

What is served: `/index.json`, `/NAME/index.json`, and `manifest.yaml`, `NAME.wasm` and `signatures.json` under
`/NAME/VERSION/`. Manifest and code of a version never change and may be kept for good; what may grow, its signatures
and the indexes, is asked for each time. No link is followed: each step of a path is opened from the one before it.

Source: RFC 9110 (HTTP semantics), sections 8.8.3 (ETag), 13.1.2 (If-None-Match), 14 (Range).
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

import anyio.to_thread
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

_NAME = r"[a-z0-9][a-z0-9._-]{0,62}"
_VERSION = r"[0-9][0-9A-Za-z.+-]{0,62}"
_INDEX = re.compile(rf"/(?:{_NAME}/)?index\.json")
_FILE = re.compile(rf"/(?P<name>{_NAME})/{_VERSION}/(?:manifest\.yaml|signatures\.json|(?P=name)\.wasm)")
_TYPES = {".json": "application/json", ".yaml": "application/yaml", ".wasm": "application/wasm"}  # RFC 9512: YAML
_FOR_GOOD = "public, max-age=31536000, immutable"
_EACH_TIME = "no-cache"
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_CHUNK = 256 << 10
_KNOWN = 4096  # files whose digest is remembered

_Identity = tuple[int, ...]  # of a file as it is: one that is replaced or written has another


class _Opened(Struct, frozen=True):
    descriptor: int
    size: int
    etag: str


def application(root: Path) -> Starlette:
    """The files of the registry folder `root`, as an ASGI application."""
    return Starlette(routes=[Route("/{path:path}", _Files(root).answer, methods=["GET", "HEAD"])])


class _Files:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._etags: dict[_Identity, str] = {}

    async def answer(self, request: Request) -> Response:
        path: str = request.scope["path"]  # decoded, once
        if not _FILE.fullmatch(path) and not _INDEX.fullmatch(path):
            return _nothing_there()
        opened = await anyio.to_thread.run_sync(self._open, path)
        if opened is None:
            return _nothing_there()
        headers = {
            "etag": opened.etag,
            "cache-control": _EACH_TIME if path.endswith(".json") else _FOR_GOOD,
            "accept-ranges": "bytes",
            "x-content-type-options": "nosniff",
        }
        if _matches(request.headers.get("if-none-match"), opened.etag):
            os.close(opened.descriptor)
            return Response(status_code=304, headers=headers)
        asked = request.headers.get("range") if request.method == "GET" else None
        if asked is not None and request.headers.get("if-range", opened.etag) == opened.etag:
            part = _part(asked, opened.size)
            if part is not None and part[0] >= part[1]:
                os.close(opened.descriptor)
                return Response(status_code=416, headers={"content-range": f"bytes */{opened.size}"})
            if part is not None:
                headers["content-range"] = f"bytes {part[0]}-{part[1] - 1}/{opened.size}"
                return _FileResponse(206, headers, Path(path).suffix, opened.descriptor, *part)
        return _FileResponse(200, headers, Path(path).suffix, opened.descriptor, 0, opened.size)

    def _open(self, path: str) -> _Opened | None:
        *folders, file = path.removeprefix("/").split("/")
        flags = os.O_RDONLY | os.O_CLOEXEC
        try:
            here = os.open(self._root, flags | os.O_DIRECTORY)
            try:
                for folder in folders:
                    inner = os.open(folder, flags | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
                    os.close(here)
                    here = inner
                # A pipe in a file's place would keep the thread waiting.
                descriptor = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=here)
            finally:
                os.close(here)
        except OSError:
            return None
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            return None
        return _Opened(descriptor, status.st_size, self._etag(descriptor, status))

    def _etag(self, descriptor: int, status: os.stat_result) -> str:
        identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        known = self._etags.get(identity)
        if known is None:
            hashed, at = hashlib.sha256(), 0
            while chunk := os.pread(descriptor, _CHUNK, at):
                hashed.update(chunk)
                at += len(chunk)
            known = f'"sha256:{hashed.hexdigest()}"'
            if len(self._etags) >= _KNOWN:
                self._etags.clear()
            self._etags[identity] = known
        return known


class _FileResponse(Response):
    """Bytes `start` to `end` (not included) of an open file, which it closes."""

    def __init__(
        self, status_code: int, headers: dict[str, str], suffix: str, descriptor: int, start: int, end: int
    ) -> None:
        super().__init__(status_code=status_code, headers={**headers, "content-length": str(end - start)})
        self.headers["content-type"] = _TYPES[suffix]
        self._descriptor, self._start, self._end = descriptor, start, end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            at, end = self._start, self._end if scope["method"] == "GET" else self._start
            while at < end:
                chunk = await anyio.to_thread.run_sync(os.pread, self._descriptor, min(_CHUNK, end - at), at)
                if not chunk:  # the file was cut: the connection ends before what was announced
                    raise OSError("the file is shorter than it was")
                at += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            os.close(self._descriptor)


def _nothing_there() -> Response:
    return PlainTextResponse("nothing there\n", status_code=404, headers={"cache-control": "no-cache"})


def _matches(if_none_match: str | None, etag: str) -> bool:
    return if_none_match is not None and (
        if_none_match.strip() == "*" or any(one.strip().removeprefix("W/") == etag for one in if_none_match.split(","))
    )


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """First byte, and the one after the last; empty where there is nothing of it. None: a range to be ignored."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        return (max(0, size - int(last)), size) if int(last) else (size, size)
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size
