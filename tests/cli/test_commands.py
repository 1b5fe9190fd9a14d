"""The commands, as a person runs them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.main import app
from tests.building import Place
from tests.conftest import serving

ORDERS = [
    {"order_id": f"o-{number}", "customer": {"email": f"{number}@mail.example", "name": "Zoë Ünal"}}
    for number in range(5)
]


def run(*arguments: str, place: Place | None = None, input: bytes | None = None) -> Result:
    where = {}
    if place is not None:
        where = {
            "MASKGATE_POLICIES": str(place.policies),
            "MASKGATE_MODULES": str(place.modules),
            "MASKGATE_SECRETS": str(place.secrets),
            "MASKGATE_DATA": str(place.data),
        }
    return CliRunner().invoke(app, list(arguments), env=where, input=input)


def test_version_and_help() -> None:
    assert run("--version").output.startswith("maskgate ")
    for command in ("serve", "check", "explain", "test", "apply", "decisions", "keys", "modules"):
        assert command in run("--help").output
        assert run(command, "--help").exit_code == 0


def test_check_of_a_good_set(place: Place) -> None:
    result = run("check", place=place)
    assert (result.exit_code, result.output) == (0, "The policy set can be served.\n")


def test_check_finds_five_errors_each_with_its_place(place: Place) -> None:
    place.edit("streams/orders.yaml", "unlisted:", "unlistet:")
    place.edit("streams/orders.yaml", "  /order_id: public", "  /order_id: publik")
    place.edit("producers/web-shop.yaml", "module: csv-to-json", "module: csv-to-jason")
    place.edit("release.cedar", 'context.destination == Destination::"crm"', 'context.destination == "crm"')
    classes = place.read("classes.yaml")
    classes["classes"]["odd"] = {"description": "without a treatment"}
    place.write("classes.yaml", classes)
    place.edit("streams/orders.yaml", "  /channel: public", "  /channel: odd")
    result = run("check", place=place)
    assert result.exit_code == 1
    found = [line.removeprefix(f"{place.policies}/") for line in result.stdout.splitlines()]
    for file, words in (
        ("streams/orders.yaml", "unlistet"),
        ("streams/orders.yaml", "publik"),
        ("producers/web-shop.yaml", "csv-to-jason"),
        ("release.cedar", ""),
        ("streams/orders.yaml", "odd"),
    ):
        matching = [line for line in found if line.startswith(f"{file}:") and words in line]
        assert matching, (file, words, found)
        _, line, column, _ = matching[0].split(":", 3)
        assert int(line) > 0
        assert int(column) > 0
    as_json = json.loads(run("check", "--json", place=place).stdout)
    assert len(as_json) == len(found)


def test_check_finds_a_configuration_that_the_module_itself_refuses(place: Place) -> None:
    place.edit("producers/web-shop.yaml", "/receipt: /receipt", "/item: /receipt")  # beside /item/sku
    result = run("check", place=place)
    assert result.exit_code == 1
    assert "extract" in result.output


def test_explain_says_what_leaves_and_why(place: Place) -> None:
    told = json.loads(run("explain", "web-shop", "orders", "--json", place=place).output)
    assert {shown["destination"] for shown in told["destinations"]} == {"analytics", "crm"}
    table = run("explain", "web-shop", "orders", place=place).output
    assert "crm-sees-email" in table
    assert run("explain", "web-shop", "nowhere", place=place).exit_code == 1


def test_policy_tests_pass_and_fail(place: Place) -> None:
    (place.policies / "tests").mkdir()
    case = {
        "name": "the CRM sees the email",
        "producer": "web-shop",
        "stream": "orders",
        "destination": "crm",
        "message": ORDERS[0],
        "expect": {"/customer/email": "released", "/customer/name": "masked"},
    }
    place.write("tests/emails.yaml", {"tests": [case]})
    passed = run("test", place=place)
    assert (passed.exit_code, passed.stdout) == (0, "1 passed, 0 failed\n")
    place.write("tests/emails.yaml", {"tests": [case | {"destination": "analytics"}]})
    failed = run("test", place=place)
    assert failed.exit_code == 1
    assert "tests/emails.yaml:" in failed.stdout
    assert "analytics: /customer/email: is masked" in failed.stdout


def test_apply_writes_cleaned_messages_and_names_refusals(place: Place, tmp_path: Path) -> None:
    source, out = tmp_path / "orders.ndjson", tmp_path / "out.ndjson"
    lines = [json.dumps(order) for order in ORDERS]
    lines.insert(2, '{"order_id": ')
    source.write_text("\n".join(lines))
    what = ("apply", "--producer", "web-shop", "--stream", "orders", "--destination", "crm")
    result = run(*what, str(source), "-o", str(out), place=place)
    assert result.exit_code == 1
    assert f"{source}: message 2: invalid_json at byte 14" in result.stderr
    cleaned = [json.loads(line) for line in out.read_text().splitlines()]
    assert [order["order_id"] for order in cleaned] == [f"o-{number}" for number in range(5)]
    assert cleaned[0]["customer"] == {"email": "0@mail.example", "name": "[REDACTED]"}
    piped = run(*what, "-", place=place, input=json.dumps(ORDERS[0]).encode())
    assert (piped.exit_code, json.loads(piped.stdout)["order_id"]) == (0, "o-0")


def test_apply_of_many_blocks_counts_messages_through(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.apply._BLOCK", 100)
    source = tmp_path / "orders.ndjson"
    source.write_text(
        "\n".join([*(json.dumps(ORDERS[number % 5]) for number in range(50)), "{", json.dumps(ORDERS[0])])
    )
    result = run(
        *("apply", "--producer", "web-shop", "--stream", "orders", "--destination", "analytics"),
        str(source),
        place=place,
    )
    assert "message 50: invalid_json" in result.stderr
    assert result.stdout.count("\n") == 51
    assert "mail.example" not in result.stdout


def test_apply_refuses_what_the_policy_has_no_plan_for(place: Place) -> None:
    wrong = run(*("apply", "--producer", "web-shop", "--stream", "orders", "--destination", "lake"), place=place)
    assert wrong.exit_code == 2


@pytest.mark.anyio
async def test_decisions_list_and_show(place: Place) -> None:
    assert run("decisions", "list", place=place).exit_code == 1  # there is no log yet
    async with serving(place) as client:
        id = (await client.post("orders", json.dumps(ORDERS[0]))).json()["id"]
        await client.post("orders", "{")
    listed = json.loads(run("decisions", "list", "--json", place=place).output)
    assert [decision["outcome"] for decision in listed["decisions"]] == ["refused", "allowed"]
    only = json.loads(run("decisions", "list", "--outcome", "allowed", "--json", place=place).output)
    assert [decision["id"] for decision in only["decisions"]] == [id]
    assert "web-shop" in run("decisions", "list", place=place).output
    assert json.loads(run("decisions", "show", id, "--json", place=place).output)["id"] == id
    assert run("decisions", "show", "nonsense", place=place).exit_code == 1
    assert run("decisions", "list", "--since", "yesterday", place=place).exit_code == 2


def test_keys_are_shown_once_and_kept_as_hashes(place: Place) -> None:
    told = json.loads(run("keys", "new", "web-shop", "--json").output)
    assert hashlib.sha256(told["key"].encode()).hexdigest() == told["sha256"]
    assert run("keys", "secret", "fresh-one", place=place).exit_code == 0
    path = place.secrets / "fresh-one"
    assert len(path.read_text()) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert run("keys", "secret", "fresh-one", place=place).exit_code == 1
    assert run("keys", "secret", "../outside", place=place).exit_code == 2


def test_modules_list_and_lock(place: Place) -> None:
    listed = json.loads(run("modules", "list", "--json", place=place).output)
    assert {module["module"] for module in listed} == {"mask", "extract", "csv-to-json"}
    wasm = place.modules / "mask" / "mask.wasm"
    wasm.write_bytes(wasm.read_bytes() + b"\0\1\0")  # an empty custom section
    assert run("check", place=place).exit_code == 1
    assert run("modules", "lock", "mask", place=place).exit_code == 0
    assert "signatures.json is for other files" in run("check", place=place).output
    place.sign("mask")
    assert run("check", place=place).exit_code == 0
    assert place.read("modules.lock")["modules"]["mask"]["instances"] == "kept"
    assert run("modules", "lock", "nothing", place=place).exit_code == 1
