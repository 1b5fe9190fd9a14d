from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gateway.documents.finding import PolicyError
from gateway.flow import RefusalKind
from gateway.registry import manifest

TEXT = """\
module: demo
version: 1.2.3
abi: maskgate/1
scope: batch
language: c
description: Does nothing
capabilities: {required: [clock], optional: ["secret:*", "env:HOME"]}
accepts: [application/json]
produces: application/json
splits: true
counters: [seen]
refusals:
  odd: {status: 422, title: Odd}
config: {type: object}
"""


def findings(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        manifest.parse("demo/manifest.yaml", text.encode())
    return [str(finding) for finding in caught.value.findings]


def test_a_manifest_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(TEXT)
    found = manifest.read(path)
    assert (found.module, found.version, found.scope, found.splits) == ("demo", "1.2.3", "batch", True)
    assert found.required == ("clock",)
    assert found.optional == ("env:HOME", "secret:*")
    assert found.accepts == {"application/json"}
    assert found.counters == {"seen"}
    assert found.refusals == {"odd": RefusalKind(status=422, title="Odd")}
    assert found.config == {"type": "object"}
    assert found.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("scope: batch", "scop: batch", "demo/manifest.yaml:4:1: unknown key 'scop' (did you mean 'scope'?)"),
        ("status: 422", "status: 500", "demo/manifest.yaml:13:17: must be one of 400, 422"),
        (
            "[clock]",
            "[http]",
            "demo/manifest.yaml:7:27: must be clock, random, log, env:NAME, secret:NAME, secret:*, "
            "fs:read:/PATH, fs:read:*, fs:write:/PATH, fs:write:*, http:HOST or http:*",
        ),
        (
            "[clock]",
            "['http:API.example.com']",
            "demo/manifest.yaml:7:27: must be clock, random, log, env:NAME, secret:NAME, secret:*, "
            "fs:read:/PATH, fs:read:*, fs:write:/PATH, fs:write:*, http:HOST or http:*",
        ),
        (
            "{type: object}",
            "{type: objct}",
            "demo/manifest.yaml:14:16: must be one of array, boolean, integer, null, number, object, string "
            "(did you mean 'object'?)",
        ),
        ("version: 1.2.3", "version: latest", "demo/manifest.yaml:2:10: must be a version such as 1.0.0"),
        ("language: c\n", "", "demo/manifest.yaml:1:1: 'language' is missing here"),
    ],
)
def test_what_is_wrong_has_its_place(old: str, new: str, expected: str) -> None:
    assert findings(TEXT.replace(old, new)) == [expected]


@pytest.mark.parametrize("path", ["/srv/../etc", "/..", "/srv/./x", "//srv", "/srv/", "/srv/x/.."])
@pytest.mark.parametrize("kind", ["fs:read", "fs:write"])
def test_a_path_that_is_asked_for_is_what_it_says(kind: str, path: str) -> None:
    (found,) = findings(TEXT.replace("[clock]", f"[clock, '{kind}:{path}']"))
    assert found == f"demo/manifest.yaml:7:34: {kind}:{path} must have no '..', '.' or '//' in it and no '/' at its end"
    asked = [f"{kind}:*", f"{kind}:/", f"{kind}:/srv/..x/.y"]
    assert manifest.parse("", TEXT.replace("[clock]", str(asked)).encode()).required == tuple(asked)


def test_a_manifest_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        manifest.read(tmp_path / "manifest.yaml")


@pytest.mark.parametrize("content", ["[" * 300_000, "[" * 200_000, "- " * 100_000, "{a: " * 50_000, "? " * 100_000])
def test_no_nesting_is_followed_to_its_end(content: str) -> None:
    assert len(findings(content)) <= 2


@pytest.mark.parametrize("line", ["? &a !!x 1\n", "a: 1\n", "&a a: 1\n", "'a b': 1\n", "- !t 1\n"])
def test_a_file_full_of_faults_tells_some_of_them(line: str) -> None:
    assert 1 <= len(findings(line * 10_000)) <= 402
