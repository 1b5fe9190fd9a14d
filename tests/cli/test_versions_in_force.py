"""The commands that put versions in force: in the policy folder, and through a running gateway."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from typer.testing import CliRunner, Result

from gateway.bench.answers import NAME
from gateway.cli.main import app
from tests import versions
from tests.building import SECURITY, Place
from tests.registry.oci_server import serving
from tests.test_process import running


def run(place: Place, *arguments: str, **environment: str) -> Result:
    where = {"MASKGATE_POLICIES": str(place.policies), "MASKGATE_MODULES": str(place.modules)}
    return CliRunner().invoke(app, ["modules", *arguments], env=where | environment)


def locked(place: Place) -> dict[str, object]:
    entry: dict[str, object] = place.read("modules.lock")["modules"][NAME]
    return entry


def test_upgrade_rollback_and_a_trial_in_the_folder(place: Place) -> None:
    versions.install(place, "1.0.0", "1.1.0")
    for arguments, version in (
        (("upgrade", NAME, "1.1.0"), "1.1.0"),
        (("rollback", NAME), "1.0.0"),
        (("canary", NAME, "1.1.0", "--share", "5", "--differences", "2.5"), "1.0.0"),
        (("withdraw", NAME), "1.0.0"),
        (("canary", NAME, "1.1.0", "--share", "5"), "1.0.0"),
        (("promote", NAME), "1.1.0"),
    ):
        result = run(place, *arguments)
        assert result.exit_code == 0, result.output
        assert locked(place)["version"] == version
        assert ("canary" in locked(place)) is (arguments[0] == "canary")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("upgrade", NAME, "1.0.0"), "in force already"),
        (("upgrade", NAME, "7.0.0"), "isn't installed"),
        (("rollback", NAME), "no version before"),
        (("promote", "nobody"), "is not in modules.lock"),
        (("unload", NAME), "producers/answering.yaml"),
        (("canary", NAME, "1.1.0", "--share", "101"), "share"),
        (("canary", NAME, "1.1.0", "--share", "5", "--requests", "0"), "requests"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cant_be_served_isnt_written(place: Place, arguments: tuple[str, ...], said: str) -> None:
    versions.install(place, "1.0.0", "1.1.0")
    before = (place.policies / "modules.lock").read_bytes()
    result = run(place, *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert (place.policies / "modules.lock").read_bytes() == before


def test_a_running_gateway_does_it(place: Place) -> None:
    versions.install(place, "1.0.0", "1.1.0")
    with running(place, "--no-watch") as served:
        asked = ("upgrade", NAME, "1.1.0", "--gateway", served.url)
        denied = run(place, *asked, MASKGATE_API_KEY="mg_example_auditor")
        assert denied.exit_code == 1
        assert "doesn't permit" in denied.stderr
        assert run(place, *asked, MASKGATE_API_KEY=SECURITY).exit_code == 0
        assert locked(place)["version"] == "1.1.0"
        again = run(place, *asked, MASKGATE_API_KEY=SECURITY)
        assert again.exit_code == 1
        assert "in force already" in again.stderr
    gone = run(place, *asked, MASKGATE_API_KEY=SECURITY)
    assert gone.exit_code == 1
    assert gone.stderr.strip()


@pytest.mark.parametrize(
    ("gateway", "key"),
    [
        ("http://[", "mg_x"),
        ("http://127.0.0.1:1\0", "mg_x"),
        ("ftp://127.0.0.1", "mg_x"),
        ("127.0.0.1:1", "mg_x"),
        ("", "mg_x"),
        ("http://127.0.0.1:1", "mg_x\nsecret"),
        ("http://127.0.0.1:1", "mg_xé-secret"),
    ],
)
def test_what_cant_be_asked_is_said_without_the_key(place: Place, gateway: str, key: str) -> None:
    result = run(place, "rollback", NAME, "--gateway", gateway, MASKGATE_API_KEY=key)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.strip()
    assert "secret" not in result.output


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"detail": 5}', b"{"])
def test_an_answer_that_isnt_a_gateways_is_said_to_be_none(place: Place, body: bytes) -> None:
    asked = []

    async def answer(request: Request) -> Response:
        asked.append(request.scope["path"])
        return Response(body, 409, media_type="application/problem+json")

    with serving(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])) as url:
        result = run(place, "rollback", "../policies?x", "--gateway", url, MASKGATE_API_KEY="mg_x")
    assert (result.exit_code, result.stderr) == (1, "The gateway answered 409.\n")
    assert asked == ["/v1/modules/../policies?x"]
