from __future__ import annotations

import pytest

from gateway.policy.paths import Wildcard, segments


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ()),
        ("/", ("",)),
        ("/a/b", ("a", "b")),
        ("/items/*/note", ("items", Wildcard.ONE, "note")),
        ("/**/email", (Wildcard.ANY, "email")),
        ("/a~1b/c~0d", ("a/b", "c~d")),
        ("/~2", ("*",)),
        ("/~02/~01", ("~2", "~1")),
        ("/a*", ("a*",)),
    ],
)
def test_paths_are_pointers_with_wildcards(path: str, expected: tuple[object, ...]) -> None:
    assert segments(path) == expected
