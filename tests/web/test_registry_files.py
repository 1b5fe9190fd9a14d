"""`maskgate registry serve`: the files of a registry folder, and nothing else of what lies there."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.web.registry_files import application
from tests.registry.oci_server import serving

WASM = bytes(range(256)) * 4096  # 1 MiB
SECRET = "a word that nobody may see"
ETAG = f'"sha256:{hashlib.sha256(WASM).hexdigest()}"'


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "manifest.yaml").write_text(SECRET)
    (outside / "1.0.0").mkdir()
    (outside / "1.0.0" / "manifest.yaml").write_text(SECRET)
    root = tmp_path_factory.mktemp("registry")
    version = root / "mask" / "1.2.0"
    version.mkdir(parents=True)
    (version / "mask.wasm").write_bytes(WASM)
    (version / "manifest.yaml").write_text("module: mask\n")
    (version / "signatures.json").write_text("{}")
    (version / "other.wasm").write_text(SECRET)
    (version / ".manifest.yaml").write_text(SECRET)
    (version / "notes.txt").write_text(SECRET)
    (root / "mask" / "index.json").write_text("{}")
    (root / "mask" / "signing.key").write_text(SECRET)
    (root / "index.json").write_text('{"modules": ["mask"]}')
    (root / ".git").mkdir()
    (root / ".git" / "index.json").write_text(SECRET)
    (root / "linked").symlink_to(outside)
    (root / "mask" / "2.0.0").mkdir()
    (root / "mask" / "2.0.0" / "manifest.yaml").symlink_to(outside / "manifest.yaml")
    os.mkfifo(root / "mask" / "2.0.0" / "mask.wasm")
    (root / "mask" / "2.0.0" / "signatures.json").mkdir()
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[httpx.Client]:
    with serving(application(root)) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media_type", "kept"),
    [
        ("/index.json", "application/json", "no-cache"),
        ("/mask/index.json", "application/json", "no-cache"),
        ("/mask/1.2.0/manifest.yaml", "application/yaml", "public, max-age=31536000, immutable"),
        ("/mask/1.2.0/mask.wasm", "application/wasm", "public, max-age=31536000, immutable"),
        ("/mask/1.2.0/signatures.json", "application/json", "no-cache"),
    ],
)
def test_each_file_has_its_type_and_says_how_long_it_holds(
    client: httpx.Client, root: Path, path: str, media_type: str, kept: str
) -> None:
    answer, head = client.get(path), client.head(path)
    content = root.joinpath(path[1:]).read_bytes()
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == kept
    assert answer.headers["etag"] == f'"sha256:{hashlib.sha256(content).hexdigest()}"'
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "cache-control"):
        assert head.headers[name] == answer.headers[name]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/mask",
        "/mask/",
        "/mask/1.2.0/",
        "/mask/signing.key",
        "/mask/1.2.0/other.wasm",
        "/mask/1.2.0/notes.txt",
        "/mask/1.2.0/.manifest.yaml",
        "/mask/1.2.0/manifest.yaml/",
        "/mask/1.2.0//manifest.yaml",
        "/mask/2.0.0/manifest.yaml",
        "/mask/2.0.0/mask.wasm",
        "/mask/2.0.0/signatures.json",
        "/linked/1.0.0/manifest.yaml",
        "/linked/index.json",
        "/.git/index.json",
        "/mask/../.git/index.json",
        "/%2e%2e/outside/index.json",
        "/mask/%2e%2e/mask/index.json",
        "/mask/1.2.0/manifest.yaml%00",
        "/mask/1.2.0/manifest.yaml%0a",
        "/MASK/index.json",
        "//etc/passwd",
    ],
)
def test_nothing_else_is_there(client: httpx.Client, path: str) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as connection:
        # Sent as it is: a client would tidy the path up.
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert SECRET.encode() not in answer


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(client: httpx.Client, root: Path, method: str) -> None:
    assert client.request(method, "/mask/1.2.0/mask.wasm", content=b"x").status_code == 405
    assert (root / "mask" / "1.2.0" / "mask.wasm").read_bytes() == WASM


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        (f"bytes={len(WASM) - 10}-", len(WASM) - 10, len(WASM)),
        ("bytes=-10", len(WASM) - 10, len(WASM)),
        (f"bytes=-{len(WASM) * 2}", 0, len(WASM)),
        (f"bytes=5-{len(WASM) * 2}", 5, len(WASM)),
    ],
)
def test_a_part_can_be_asked_for(client: httpx.Client, asked: str, start: int, end: int) -> None:
    answer = client.get("/mask/1.2.0/mask.wasm", headers={"range": asked})
    assert (answer.status_code, answer.content) == (206, WASM[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(WASM)}"


@pytest.mark.parametrize(
    "asked", ["bytes=5-1", "bytes=0-1,5-9", "lines=1-2", "bytes=-", "bytes=a-b", "bytes=" + "9" * 99]
)
def test_a_part_that_isnt_one_is_passed_over(client: httpx.Client, asked: str) -> None:
    answer = client.get("/mask/1.2.0/mask.wasm", headers={"range": asked})
    assert (answer.status_code, answer.content) == (200, WASM)


@pytest.mark.parametrize("asked", [f"bytes={len(WASM)}-", "bytes=-0"])
def test_a_part_behind_the_end_is_refused(client: httpx.Client, asked: str) -> None:
    answer = client.get("/mask/1.2.0/mask.wasm", headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(WASM)}"


def test_who_has_it_already_isnt_sent_it_again(client: httpx.Client) -> None:
    for known in (ETAG, f'"x", W/{ETAG}', "*"):
        answer = client.get("/mask/1.2.0/mask.wasm", headers={"if-none-match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", ETAG)
    assert client.get("/mask/1.2.0/mask.wasm", headers={"if-none-match": '"x"'}).status_code == 200
    for validator, status in ((ETAG, 206), ('"x"', 200)):
        answer = client.get("/mask/1.2.0/mask.wasm", headers={"range": "bytes=0-0", "if-range": validator})
        assert answer.status_code == status


def test_an_index_that_was_replaced_has_another_etag(client: httpx.Client, root: Path, tmp_path: Path) -> None:
    before = client.get("/mask/index.json")
    (tmp_path / "index.json").write_text("[]")
    os.replace(tmp_path / "index.json", root / "mask" / "index.json")
    after = client.get("/mask/index.json", headers={"if-none-match": before.headers["etag"]})
    assert (after.status_code, after.content) == (200, b"[]")


def test_no_file_stays_open(client: httpx.Client) -> None:
    def count() -> int:
        return sum(
            1 for link in Path("/proc/self/fd").iterdir() if os.path.lexists(link) and "mask.wasm" in os.readlink(link)
        )

    for headers in ({}, {"range": "bytes=0-0"}, {"range": "bytes=-0"}, {"if-none-match": "*"}):
        client.get("/mask/1.2.0/mask.wasm", headers=headers)
        client.head("/mask/1.2.0/mask.wasm", headers=headers)
    assert count() == 0
