"""A small policy set with everything in it, and modules whose `.wasm` is never run here."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.registry import envelope, signing
from gateway.registry.store import ModuleStore
from tests.building import SIGNING_KEY

PUBLIC = base64.b64encode(envelope.public_of(SIGNING_KEY)).decode()

SCHEMA = """\
entity Team;
entity Role;
entity Producer in [Team] { region?: String, tier?: Long, trusted?: Bool };
entity Stream;
entity Destination;
entity DataClass in [DataClass];
entity Module;
entity Capability { kind: String, name: String };
entity User in [Role];
entity Gateway;

action publish appliesTo {
  principal: Producer, resource: Stream, context: { client?: ipaddr, format: String }
};
action release appliesTo {
  principal: Producer, resource: DataClass, context: { stream: Stream, destination: Destination }
};
action hold appliesTo {
  principal: Module, resource: Capability, context: { producer: Producer, stream: Stream }
};
action read appliesTo {
  principal: Module, resource: DataClass, context: { producer: Producer, stream: Stream }
};
action readDecisions, managePolicies, manageModules appliesTo { principal: User, resource: Gateway };
"""

ACCESS = """\
// who may do what; a semicolon in a comment; and "one in quotes
@id("shop-publishes")
permit (principal in Team::"storefront", action == Action::"publish", resource);

@id("partner-from-its-net")
permit (principal == Producer::"partner", action == Action::"publish", resource == Stream::"orders")
when { context has client && context.client.isInRange(ip("10.0.0.0/8")) };

permit (principal in Role::"auditor", action == Action::"readDecisions", resource);
"""

RELEASE = """\
@id("public-is-public")
permit (principal, action == Action::"release", resource in DataClass::"public");

@id("crm-sees-email")
permit (principal in Team::"storefront", action == Action::"release", resource == DataClass::"pii.email")
when { context.destination == Destination::"crm" };
"""

CAPABILITIES = """\
@id("mask-holds-pseudonym")
permit (principal == Module::"mask", action == Action::"hold", resource == Capability::"secret:pseudonym");

@id("mask-reads")
permit (principal == Module::"mask", action == Action::"read", resource);

@id("csv-reads")
permit (principal == Module::"csv-to-json", action == Action::"read", resource)
when { context.stream == Stream::"orders" };
"""

CLASSES = """\
classes:
  public: {description: Anybody may know}
  pii: {treatment: redact}
  pii.email: {treatment: {kind: hmac, secret: pseudonym}}
  pii.phone: {}
  pci: {}
  pci.pan: {treatment: {kind: partial, keep_last: 4}}
"""

KEY = "1" * 64
PARTNER_KEY = "2" * 64
AUDITOR_KEY = "3" * 64

SHOP = f"""\
producer: shop
team: storefront
attributes: {{region: eu}}
credentials:
  - {{kind: api_key, id: main, sha256: "{KEY}"}}
streams:
  orders:
    accept: [text/csv]
    steps:
      - {{module: csv-to-json, with: {{header: true}}}}
  events: {{accept: [application/x-ndjson, application/json]}}
"""

PARTNER = f"""\
producer: partner
team: outside
credentials:
  - {{kind: api_key, sha256: "{PARTNER_KEY}"}}
  - {{kind: webhook, scheme: github, secret: hook}}
streams:
  orders: {{accept: [application/json]}}
"""

ORDERS = """\
stream: orders
fields:
  /id: public
  /customer/email: pii.email
  /customer/phone: pii.phone
  /card: pci.pan
destinations: [analytics, crm]
limits: {message: 64KiB, messages: 100, body: 1MiB, time: 20ms, memory: 16MiB}
"""

EVENTS = """\
stream: events
fields:
  /**/email: pii.email
unlisted: refuse
destinations: [crm]
"""

ANALYTICS = """\
destination: analytics
sink: {kind: file, path: analytics, rotate: {size: 1MiB, time: 2h}}
treatments: {pii: drop}
"""

CRM = """\
destination: crm
sink:
  kind: http
  url: https://crm.example/in
  headers: {X-Source: maskgate, Authorization: {secret: crm-token}}
  batch: {messages: 10}
"""

AUDITOR = f"""\
user: ada
roles: [auditor]
credentials: [{{kind: api_key, sha256: "{AUDITOR_KEY}"}}]
"""

TESTS = """\
tests:
  - name: an email goes to the CRM alone
    producer: partner
    stream: orders
    destination: crm
    publish: allow
    client: 10.1.2.3
    message: {id: 7, customer: {email: a@b.example}}
    expect: {/id: released, /customer/email: masked, /card: absent}
"""

MASK_MANIFEST = """\
module: mask
version: 1.0.0
abi: maskgate/1
scope: message
language: rust
description: Masks
capabilities: {optional: ["secret:*"]}
accepts: [application/json]
produces: application/json
counters: [unlisted]
refusals:
  invalid_json: {status: 400, title: Not JSON}
config: {type: object, required: [unlisted, rules]}
"""

CSV_MANIFEST = """\
module: csv-to-json
version: 2.1.0
abi: maskgate/1
scope: message
language: c
description: CSV to JSON
accepts: [text/csv]
produces: application/json
splits: true
refusals: {}
config:
  type: object
  additionalProperties: false
  properties: {header: {type: boolean}, secret: {type: string}}
"""

FILES = {
    "schema.cedarschema": SCHEMA,
    "access.cedar": ACCESS,
    "release.cedar": RELEASE,
    "capabilities.cedar": CAPABILITIES,
    "classes.yaml": CLASSES,
    "producers/shop.yaml": SHOP,
    "producers/partner.yaml": PARTNER,
    "streams/orders.yaml": ORDERS,
    "streams/events.yaml": EVENTS,
    "destinations/analytics.yaml": ANALYTICS,
    "destinations/crm.yaml": CRM,
    "users/ada.yaml": AUDITOR,
    "tests/orders.yaml": TESTS,
    "trust.yaml": f"keys: {{tests: {{ed25519: '{PUBLIC}', modules: [mask, 'csv-*']}}}}",
    "README.md": "What this is",
}

Edit = Callable[..., None]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def sign(store: ModuleStore, name: str) -> None:
    """Sign a module as it stands, with the key that trust.yaml trusts."""
    found = store.read(name)
    signed = signing.sign(name, found.version, found.manifest, found.wasm, SIGNING_KEY)
    (store.folder / name / "signatures.json").write_bytes(signed)


@pytest.fixture
def store(tmp_path: Path) -> ModuleStore:
    """`mask` 1.0.0 and `csv-to-json` 2.1.0."""
    for name, manifest in (("mask", MASK_MANIFEST), ("csv-to-json", CSV_MANIFEST)):
        write(tmp_path / "modules" / name / "manifest.yaml", manifest)
        (tmp_path / "modules" / name / f"{name}.wasm").write_bytes(b"\0asm" + name.encode())
        sign(ModuleStore(tmp_path / "modules"), name)
    return ModuleStore(tmp_path / "modules")


@pytest.fixture
def folder(tmp_path: Path, store: ModuleStore) -> Path:
    """The policy set, without a fault."""
    root = tmp_path / "policies"
    for file, text in FILES.items():
        write(root / file, text)
    entries = {name: store.lock_entry(name) for name in ("mask", "csv-to-json")}
    lines = [
        f"  {name}: {{{', '.join(f'{key}: {value}' for key, value in entry.items())}}}"
        for name, entry in entries.items()
    ]
    write(root / "modules.lock", "modules:\n" + "\n".join(lines).replace("1.0.0", "1.0.0, instances: kept") + "\n")
    return root


@pytest.fixture
def edit(folder: Path) -> Edit:
    """`edit(file, old, new)` replaces text that must be there; `edit(file, text)` replaces the file."""

    def change(file: str, *texts: str) -> None:
        path = folder / file
        if len(texts) == 1:
            write(path, texts[0])
            return
        old, new = texts
        before = path.read_text(encoding="utf-8")
        assert old in before, f"{old!r} is not in {file}"
        write(path, before.replace(old, new))

    return change


@pytest.fixture
def digest() -> Callable[[bytes], str]:
    return lambda content: hashlib.sha256(content).hexdigest()
