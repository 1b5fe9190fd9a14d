from __future__ import annotations

from pathlib import Path

import pytest

from gateway.documents.finding import PolicyError
from gateway.flow import Credential, Limits
from gateway.policy import kinds, load, model
from tests.policy.conftest import AUDITOR_KEY, KEY, PARTNER_KEY, Edit


def findings(folder: Path) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load.read(folder)
    return [str(finding) for finding in caught.value.findings]


def test_a_policy_set_is_what_its_files_say(folder: Path) -> None:
    found = load.read(folder)
    assert sorted(found.producers) == ["partner", "shop"]
    shop = found.producers["shop"]
    assert (shop.team, shop.attributes) == ("storefront", {"region": "eu"})
    step = model.StepUse(module="csv-to-json", config={"header": True})
    assert shop.streams["orders"] == model.ProducerStream(accept=("text/csv",), steps=(step,))
    assert shop.streams["events"].accept == ("application/json", "application/x-ndjson")
    orders = found.streams["orders"]
    assert orders.limits == Limits(message=65_536, messages=100, body=1 << 20, time=20, memory=16 << 20)
    assert (orders.unlisted, orders.destinations) == ("drop", ("analytics", "crm"))
    assert found.streams["events"].limits == Limits()
    assert found.destinations["analytics"].sink == model.FileSink(
        path="analytics", rotate_size=1 << 20, rotate_time=7_200_000
    )
    assert found.destinations["crm"].sink == model.HttpSink(
        url="https://crm.example/in",
        headers={"X-Source": "maskgate"},
        secret_headers={"Authorization": "crm-token"},
        batch_messages=10,
    )
    assert found.classes["pii.email"].treatment == kinds.Hmac(secret="pseudonym")
    assert found.classes["pii"].treatment == kinds.Redact()
    assert found.classes["pci.pan"].treatment == kinds.Partial(keep_last=4)
    assert found.users["ada"].roles == ("auditor",)
    assert (found.lock["mask"].kept, found.lock["csv-to-json"].kept) == (True, False)


def test_credentials_are_found_by_what_they_are(folder: Path) -> None:
    found = load.read(folder)
    assert found.producer_keys == {
        KEY: Credential(subject="shop", id="main", kind="api_key"),
        PARTNER_KEY: Credential(subject="partner", id="api_key-1", kind="api_key"),
    }
    assert found.user_keys == {AUDITOR_KEY: Credential(subject="ada", id="api_key-1", kind="api_key")}
    hook = model.Webhook(
        credential=Credential(subject="partner", id="webhook-2", kind="webhook"), scheme="github", secret="hook"
    )
    assert found.webhooks == {"orders": (hook,)}


def test_the_revision_changes_with_any_file(folder: Path, edit: Edit) -> None:
    before = load.read(folder).revision
    assert before == load.read(folder).revision
    edit("release.cedar", "crm-sees-email", "crm-sees-mail")
    assert load.read(folder).revision != before


def test_parts_that_are_equal_are_one_object(folder: Path, edit: Edit) -> None:
    edit("producers/twin.yaml", "producer: twin\nteam: t\nstreams: {orders: {accept: [application/json]}}\n")
    found = load.read(folder).producers
    assert found["twin"].streams["orders"] is found["partner"].streams["orders"]


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("producers/shop.yaml", "producer: shop", "producer: shap", "1:11: must be 'shop', as the file is called"),
        ("users/ada.yaml", "user: ada", "user: bob", "users/ada.yaml:1:7: must be 'ada', as the file is called"),
        ("streams/events.yaml", "unlisted: refuse", "unlisted: drip", "must be one of keep, drop, refuse"),
        ("streams/events.yaml", "/**/email", "email", "events.yaml:3:3: must be a path as RFC 6901 writes it"),
        ("streams/orders.yaml", "64KiB", "64 KiB", ":8:19: must be a size: bytes, or text such as 64KiB or 1MiB"),
        ("classes.yaml", "keep_last: 4", "keep_last: -4", "classes.yaml:7:51: must be at least 0"),
        ("classes.yaml", "kind: hmac,", "kind: hash,", "'kind' must be one of redact, label, text, partial, fixed"),
        ("classes.yaml", "treatment: redact", "treatment: keep", "must be one of redact, label, nullify, drop"),
        ("destinations/crm.yaml", "https://crm", "https://me:pw@crm", "must be an http or https URL without a user"),
        ("destinations/analytics.yaml", "path: analytics", "path: ../x", "must be a relative path"),
        ("modules.lock", "sha256: ", "sha256: x", "must be a SHA-256 as 64 lowercase hexadecimal digits"),
        ("tests/orders.yaml", "publish: allow", "publish: yes", "tests/orders.yaml:6:14: must be one of allow, deny"),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_schema_has_its_place(
    folder: Path, edit: Edit, file: str, old: str, new: str, expected: str
) -> None:
    edit(file, old, new)
    found = findings(folder)
    assert any(expected in message for message in found), found


def test_two_subjects_cannot_have_one_key_and_the_key_is_not_quoted(folder: Path, edit: Edit) -> None:
    edit("users/ada.yaml", AUDITOR_KEY, KEY)
    assert findings(folder) == ["users/ada.yaml:3:15: shop has the same key: a key says who is calling"]


def test_two_credentials_of_one_producer_have_two_ids(folder: Path, edit: Edit) -> None:
    edit("producers/partner.yaml", "{kind: webhook,", "{kind: webhook, id: api_key-1,")
    assert findings(folder) == ["producers/partner.yaml:5:5: two credentials have this id"]


@pytest.mark.parametrize("value", ["correct horse battery", "AKIA" + "Z" * 28, "x" * 64])
def test_a_raw_key_where_its_digest_belongs_is_not_quoted(folder: Path, edit: Edit, value: str) -> None:
    edit("producers/shop.yaml", KEY, value)
    found = findings(folder)
    assert len(found) == 1
    assert value not in found[0]
