"""A host for modules to ask, on loopback: it keeps what it was asked and answers by the path."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

SLOW = 5.0  # seconds, more than a test lets a module wait


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]  # names in lowercase
    body: bytes


class Host:
    """`asked` is in the order of arrival; `most` requests were under way at a time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[Asked] = []
        self.most = self._now = 0
        self.gate = threading.Event()  # until it is set, what asks for /held waits
        self._lock = threading.Lock()

    def begin(self, asked: Asked) -> None:
        with self._lock:
            self.asked.append(asked)
            self._now += 1
            self.most = max(self.most, self._now)

    def end(self) -> None:
        with self._lock:
            self._now -= 1


def _answer(host: Host, asked: Asked) -> tuple[int, dict[str, str], bytes]:
    match asked.path.partition("?")[0].split("/"):
        case ["", "status", status]:
            return int(status), {}, b"{}"
        case ["", "large", size]:
            return 200, {}, b"x" * int(size)
        case ["", "slow"]:
            time.sleep(SLOW)
        case ["", "held"]:
            host.gate.wait(30)
        case ["", "soon"]:
            time.sleep(0.2)
        case ["", "moved"]:
            return 302, {"location": "/elsewhere", "set-cookie": "a=b"}, b""
        case ["", "zipped"]:
            return 200, {"content-encoding": "gzip"}, b"..."
    return 200, {}, json.dumps({"path": asked.path, "body": asked.body.decode()}).encode()


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            names = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, names, body)
            host.begin(asked)
            status, headers, content = _answer(host, asked)
            host.end()
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # who asked didn't wait

        do_GET = do_POST = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    return Handler


@contextmanager
def answering(tls: ssl.SSLContext | None = None) -> Iterator[Host]:
    """A host on 127.0.0.1."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hung up is no news."""

    server = Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
    host = Host(server.server_address[1])
    server.RequestHandlerClass = _handler(host)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
