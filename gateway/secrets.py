"""Secrets by reference: policy files name them, the deployment holds them."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

SECRET_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


# What a secret's text may begin with, and how the rest of it is read then.
_ENCODINGS: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"hex:": lambda text: bytes.fromhex(text.decode("ascii")),
    b"base64:": lambda text: base64.b64decode(text, validate=True),
}


class SecretMissing(LookupError):
    """A secret that the policy names isn't there, or can't be read. The text says where it was looked for."""


class Secrets:
    """Looks in the environment (`MASKGATE_SECRET_NAME`), then in a folder with one file a secret."""

    def __init__(self, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._folder, self._environ = folder, environ

    def read(self, name: str) -> bytes:
        """The secret's bytes; of a file, without a line end behind them. Raises SecretMissing.

        Keys of encryption are bytes of any value: text that begins with `hex:` or `base64:` says so.
        """
        if not SECRET_NAME.fullmatch(name):
            raise SecretMissing(f"{name!r} is not a name for a secret")
        variable = "MASKGATE_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
        if variable in self._environ:
            return _decoded(name, self._environ[variable].encode())
        try:
            content = (self._folder / name).read_bytes()
        except OSError:
            raise SecretMissing(f"secret {name}: neither {variable} nor a file {name} in the secrets folder") from None
        return _decoded(name, content.removesuffix(b"\n").removesuffix(b"\r"))


def _decoded(name: str, content: bytes) -> bytes:
    for prefix, decode in _ENCODINGS.items():
        if content.startswith(prefix):
            try:
                content = decode(content.removeprefix(prefix))
            except ValueError:
                raise SecretMissing(f"secret {name}: what follows {prefix.decode()} isn't that") from None
            break
    if not content:  # everybody knows it
        raise SecretMissing(f"secret {name} is empty")
    return content
