"""Secrets are read as the deployment wrote them, and a key of any bytes can be written as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.secrets import SecretMissing, Secrets


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"text\n", b"text"),
        (b"two\r\n", b"two"),
        (b"hex:00ff10\n", b"\x00\xff\x10"),
        (b"base64:AP8Q", b"\x00\xff\x10"),
        (b"HEX:00", b"HEX:00"),
    ],
)
def test_a_file_or_a_variable_holds_it(tmp_path: Path, content: bytes, secret: bytes) -> None:
    (tmp_path / "card-key").write_bytes(content)
    assert Secrets(tmp_path, {}).read("card-key") == secret
    variable = {"MASKGATE_SECRET_CARD_KEY": content.decode().rstrip("\r\n")}
    assert Secrets(tmp_path / "none", variable).read("card-key") == secret


@pytest.mark.parametrize("content", ["", "hex:", "base64:"])
def test_an_empty_secret_is_none(tmp_path: Path, content: str) -> None:
    for ending in ("", "\n"):
        (tmp_path / "k").write_text(content + ending)
        with pytest.raises(SecretMissing, match=r"^secret k is empty$"):
            Secrets(tmp_path, {}).read("k")
    with pytest.raises(SecretMissing, match=r"^secret k is empty$"):
        Secrets(tmp_path, {"MASKGATE_SECRET_K": content}).read("k")


@pytest.mark.parametrize("content", ["hex:0", "hex:zz", "base64:?", "base64:A", "hex:é"])
def test_what_is_not_what_it_says_is_no_secret(content: str) -> None:
    with pytest.raises(SecretMissing) as raised:
        Secrets(Path("none"), {"MASKGATE_SECRET_K": content}).read("k")
    assert content not in str(raised.value)
