"""Settings out of the environment: what can't be used is refused by the variable's name."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config import Settings, networks


def test_an_option_wins_over_the_variable_and_that_over_the_default() -> None:
    environ = {"MASKGATE_PORT": "9000", "MASKGATE_WATCH": "no", "MASKGATE_DATA": "/srv/data"}
    settings = Settings.read(environ, port=9001, host=None)
    assert (settings.port, settings.watch, settings.data, settings.host) == (
        9001,
        False,
        Path("/srv/data"),
        "127.0.0.1",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MASKGATE_PORT", "http"),
        ("MASKGATE_WATCH", "perhaps"),
        ("MASKGATE_HTTP_INSIDE", "10.0.0.1/8"),  # bits beyond the prefix: a slip that would open more than was meant
        ("MASKGATE_HTTP_INSIDE", "10.0.0.0/8 127.0.0.0/8"),
        ("MASKGATE_HTTP_INSIDE", "localhost"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        Settings.read({name: value})


def test_networks() -> None:
    assert networks("") == ()
    assert networks(" 10.0.0.0/8, fd00::/8 ") == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
