from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.documents.finding import PolicyError
from gateway.flow import ClassRuling, Plan, Route
from gateway.policy import load
from gateway.policy.decide import Decider
from gateway.policy.load import Loaded
from gateway.policy.plan import compile_routes
from gateway.registry.store import ModuleStore
from tests.policy.conftest import CAPABILITIES, CSV_MANIFEST, MASK_MANIFEST, RELEASE, Edit, sign, write


@pytest.fixture
def loaded(folder: Path, store: ModuleStore) -> Loaded:
    return load.load(folder, store)


def plan(route: Route, destination: str) -> Plan:
    return next(plan for plan in route.plans if plan.destination == destination)


def rules(found: Plan) -> dict[str, Any]:
    config = json.loads(found.steps[-1].config)
    return {rule["name"]: (rule["paths"], rule["treatment"]) for rule in config["rules"]}


def findings(folder: Path, store: ModuleStore) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load.load(folder, store)
    return [str(finding) for finding in caught.value.findings]


def relock(folder: Path, store: ModuleStore, name: str, manifest: str) -> None:
    """Replace a module's manifest, and its entry in the lock."""
    before = store.lock_entry(name)
    write(store.folder / name / "manifest.yaml", manifest)
    sign(store, name)
    after = store.lock_entry(name)
    lock = (folder / "modules.lock").read_text(encoding="utf-8")
    for key, value in before.items():
        lock = lock.replace(value, after[key]) if key == "manifest" else lock
    write(folder / "modules.lock", lock)


def test_there_is_a_route_for_each_producer_and_stream(loaded: Loaded) -> None:
    assert sorted(loaded.routes) == [("partner", "orders"), ("shop", "events"), ("shop", "orders")]
    route = loaded.routes["shop", "events"]
    assert route.accept == {"application/json", "application/x-ndjson"}
    assert (route.normalise, [plan.destination for plan in route.plans]) == ((), ["crm"])
    assert loaded.routes["shop", "orders"].limits == loaded.policy_set.streams["orders"].limits


def test_what_cedar_releases_is_kept_and_the_rest_treated(loaded: Loaded) -> None:
    found = plan(loaded.routes["shop", "orders"], "crm")
    assert rules(found) == {
        "pci.pan": (["/card"], {"kind": "partial", "keep_last": 4}),
        "pii.email": (["/customer/email"], {"kind": "keep"}),
        "pii.phone": (["/customer/phone"], {"kind": "redact"}),
        "public": (["/id"], {"kind": "keep"}),
    }
    assert found.rulings == (
        ClassRuling(name="pci.pan", released=False, treatment="partial", policies=()),
        ClassRuling(name="pii.email", released=True, treatment="keep", policies=("crm-sees-email",)),
        ClassRuling(name="pii.phone", released=False, treatment="redact", policies=()),
        ClassRuling(name="public", released=True, treatment="keep", policies=("public-is-public",)),
    )


def test_a_pseudonym_is_its_class_s_own(loaded: Loaded) -> None:
    treatment = rules(plan(loaded.routes["partner", "orders"], "crm"))["pii.email"][1]
    assert treatment == {"kind": "hmac", "secret": "pseudonym", "domain": "pii.email"}


def test_a_domain_is_that_of_the_class_even_if_its_parent_says_hmac(
    folder: Path, store: ModuleStore, edit: Edit
) -> None:
    edit("classes.yaml", "pii: {treatment: redact}", "pii: {treatment: {kind: hmac, secret: pseudonym}}")
    found = plan(load.load(folder, store).routes["partner", "orders"], "crm")
    assert rules(found)["pii.phone"][1]["domain"] == "pii.phone"


def test_what_a_destination_says_of_an_ancestor_goes_before_the_class_s_own(loaded: Loaded) -> None:
    found = rules(plan(loaded.routes["shop", "orders"], "analytics"))
    assert found["pii.email"][1] == {"kind": "drop"}
    assert found["pci.pan"][1]["kind"] == "partial"


def test_a_nearer_treatment_of_the_destination_wins(folder: Path, store: ModuleStore, edit: Edit) -> None:
    edit("destinations/analytics.yaml", "{pii: drop}", "{pii: drop, pii.email: nullify}")
    found = rules(plan(load.load(folder, store).routes["shop", "orders"], "analytics"))
    assert (found["pii.email"][1], found["pii.phone"][1]) == ({"kind": "nullify"}, {"kind": "drop"})


def test_mask_is_the_last_step_and_normalising_steps_come_first(loaded: Loaded) -> None:
    route = loaded.routes["shop", "orders"]
    for found in route.plans:
        assert [step.module for step in found.steps] == ["csv-to-json", "mask"]
        assert found.steps[:-1] == route.normalise
    step = route.normalise[0]
    assert (step.version, step.config, step.splits, step.kept) == ("2.1.0", b'{"header":true}', True, False)
    assert step.reads == ("pci.pan", "pii.email", "pii.phone", "public")
    assert step.limits == route.limits


def test_the_mask_step_holds_the_secrets_it_needs_and_no_others(loaded: Loaded) -> None:
    route = loaded.routes["partner", "orders"]
    assert plan(route, "crm").steps[-1].grants == ("secret:pseudonym",)
    assert plan(route, "analytics").steps[-1].grants == ()
    last = plan(route, "crm").steps[-1]
    assert (last.kept, last.splits) == (True, False)
    assert last.counters == {"unlisted", "pci.pan", "pii.email", "pii.phone", "public"}
    assert last.refusals["invalid_json"].status == 400


def test_configurations_are_canonical(folder: Path, store: ModuleStore, edit: Edit) -> None:
    """The order in which a file is written makes no difference."""
    before = load.load(folder, store).routes["shop", "orders"].plans
    edit("streams/orders.yaml", "  /id: public\n", "")
    edit("streams/orders.yaml", "  /card: pci.pan\n", "  /card: pci.pan\n  /id: public\n")
    assert load.load(folder, store).routes["shop", "orders"].plans == before


def test_digests_cover_what_a_step_is(loaded: Loaded, folder: Path, store: ModuleStore, edit: Edit) -> None:
    route = loaded.routes["partner", "orders"]
    digests = {step.digest for found in route.plans for step in found.steps}
    assert len(digests) == 2
    for found in route.plans:
        expected = hashlib.sha256("\n".join(step.digest for step in found.steps).encode()).hexdigest()
        assert found.digest == expected
    edit("capabilities.cedar", CAPABILITIES + '\n@id("more") permit (principal, action == Action::"read", resource);')
    again = load.load(folder, store).routes["partner", "orders"]
    assert [found.digest for found in again.plans] == [found.digest for found in route.plans]
    edit("streams/orders.yaml", "limits:", "unlisted: refuse\nlimits:")
    changed = load.load(folder, store).routes["partner", "orders"]
    assert {found.digest for found in changed.plans}.isdisjoint(found.digest for found in route.plans)


def test_producers_that_are_alike_share_their_plans(folder: Path, store: ModuleStore, edit: Edit) -> None:
    for name in ("a", "b"):
        edit(
            f"producers/{name}.yaml",
            f"producer: {name}\nteam: t\nstreams: {{orders: {{accept: [application/json]}}}}\n",
        )
    routes = load.load(folder, store).routes
    assert routes["a", "orders"].plans is routes["b", "orders"].plans
    assert routes["a", "orders"].accept is routes["b", "orders"].accept
    assert (routes["a", "orders"].producer, routes["b", "orders"].producer) == ("a", "b")


def test_equal_plans_of_different_groups_are_one_object(folder: Path, store: ModuleStore, edit: Edit) -> None:
    for name in ("a", "b"):
        edit(
            f"producers/{name}.yaml",
            f"producer: {name}\nteam: {name}\nstreams: {{orders: {{accept: [application/json]}}}}\n",
        )
    routes = load.load(folder, store).routes
    assert all(
        one is other for one, other in zip(routes["a", "orders"].plans, routes["b", "orders"].plans, strict=True)
    )


def test_routes_compile_from_values_alone(loaded: Loaded) -> None:
    manifests = {name: module.manifest for name, module in loaded.modules.items()}
    routes = compile_routes(loaded.policy_set, Decider(loaded.policy_set), manifests)
    assert routes == loaded.routes


@pytest.mark.parametrize("missing", ["mask", "csv-to-json"])
def test_a_module_without_a_manifest_is_no_route_less(loaded: Loaded, missing: str) -> None:
    manifests = {name: module.manifest for name, module in loaded.modules.items() if name != missing}
    with pytest.raises(PolicyError, match=f"module {missing} as locked can't be had"):
        compile_routes(loaded.policy_set, loaded.decider, manifests)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (
            [("classes.yaml", "pii: {treatment: redact}", "pii: {}")],
            ["streams/orders.yaml:5:20: class pii.phone has no treatment, and no policy releases it to crm; "
             "producer partner and 1 more"],
        ),
        (
            [("capabilities.cedar", CAPABILITIES, CAPABILITIES.replace('context.stream == Stream::"orders"', "false"))],
            [f"producers/shop.yaml:10:18: module csv-to-json may not read class {name} (capabilities.cedar); "
             "producer shop" for name in ("pci.pan", "pii.email", "pii.phone", "public")],
        ),
        (
            [("capabilities.cedar", '@id("mask-holds-pseudonym")', '@id("x")'),
             ("capabilities.cedar", "secret:pseudonym", "secret:other")],
            ["classes.yaml:4:26: module mask may not hold secret:pseudonym (capabilities.cedar), for class pii.email; "
             "producer partner"],
        ),
        (
            [("capabilities.cedar", 'permit (principal == Module::"mask", action == Action::"read", resource);',
              'permit (principal == Module::"mask", action == Action::"read", resource)\n'
              'unless { resource == DataClass::"pci.pan" };')],
            ["streams/orders.yaml:6:10: module mask may not read class pci.pan (capabilities.cedar), and so can't mask "
             "it; producer partner and 1 more"],
        ),
        (
            [("producers/shop.yaml", "{header: true}", "{haeder: true}")],
            ["producers/shop.yaml:10:38: unknown key 'haeder' (did you mean 'header'?)"],
        ),
        (
            [("producers/shop.yaml", "{header: true}", "{header: 5}")],
            ["producers/shop.yaml:10:46: must be true or false"],
        ),
        (
            [("producers/shop.yaml", "    accept: [text/csv]", "    accept: [text/csv, application/json]")],
            ["producers/shop.yaml:10:18: module csv-to-json takes text/csv, and gets application/json here: steps "
             "apply to every format that is accepted, so give application/json a stream of its own"],
        ),
        (
            [("producers/partner.yaml", "[application/json]", "[text/csv]")],
            ["producers/partner.yaml:7:20: text/csv must become JSON before it is masked: "
             "add a step that makes it JSON"],
        ),
        (
            [("producers/shop.yaml", "    steps:\n", "    steps:\n      - {module: csv-to-json}\n")],
            ["producers/shop.yaml:11:18: module csv-to-json takes text/csv, and gets application/json here"],
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_planned_has_its_place(
    folder: Path, store: ModuleStore, edit: Edit, edits: list[tuple[str, ...]], expected: list[str]
) -> None:
    for change in edits:
        edit(*change)
    assert findings(folder, store) == expected


def test_a_class_without_treatment_may_be_used_where_it_is_released(
    folder: Path, store: ModuleStore, edit: Edit
) -> None:
    edit("release.cedar", RELEASE + '\npermit (principal, action == Action::"release", resource == DataClass::"pci");')
    edit("streams/orders.yaml", "/card: pci.pan", "/card: pci")
    assert ("partner", "orders") in load.load(folder, store).routes


def test_a_required_capability_that_is_not_held_is_found_where_it_is_used(folder: Path, store: ModuleStore) -> None:
    relock(folder, store, "csv-to-json", CSV_MANIFEST + "capabilities: {required: [clock], optional: [random]}\n")
    assert findings(folder, store) == [
        "producers/shop.yaml:10:18: module csv-to-json needs clock and may not hold it (capabilities.cedar); "
        "producer shop"
    ]


def test_a_step_gets_what_is_asked_for_and_held(folder: Path, store: ModuleStore, edit: Edit) -> None:
    asks = "capabilities: {required: [clock], optional: [random, log, 'secret:*']}\n"
    relock(folder, store, "csv-to-json", CSV_MANIFEST + asks)
    held = 'permit (principal == Module::"csv-to-json", action == Action::"hold", resource) when {'
    edit("capabilities.cedar", CAPABILITIES + f'\n{held} resource.kind != "log" }};')
    edit("producers/shop.yaml", "{header: true}", "{header: true, secret: salt}")
    step = load.load(folder, store).routes["shop", "orders"].normalise[0]
    assert step.grants == ("clock", "random", "secret:salt")


def test_a_secret_that_no_manifest_asks_for_is_not_granted(folder: Path, store: ModuleStore, edit: Edit) -> None:
    edit("capabilities.cedar", CAPABILITIES + '\npermit (principal, action == Action::"hold", resource);')
    edit("producers/shop.yaml", "{header: true}", "{header: true, secret: salt}")
    assert load.load(folder, store).routes["shop", "orders"].normalise[0].grants == ()


def test_mask_must_be_locked(folder: Path, store: ModuleStore, edit: Edit) -> None:
    lock = (folder / "modules.lock").read_text(encoding="utf-8")
    edit("modules.lock", "\n".join(line for line in lock.splitlines() if "mask:" not in line) + "\n")
    *names, last = findings(folder, store)
    assert last == "modules.lock:2:3: module 'mask' is not here, and every plan needs it"
    assert all(name.endswith("Module 'mask' is not declared in the policy set") for name in names)


def test_a_configuration_that_the_mask_module_does_not_take_is_found(folder: Path, store: ModuleStore) -> None:
    relock(folder, store, "mask", MASK_MANIFEST.replace("[unlisted, rules]", "[other]"))
    found = findings(folder, store)
    assert len(found) == 2  # a stream each
    assert all("module mask 1.0.0 doesn't take the configuration for stream" in message for message in found)


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        ("fs:write:/srv/out", "writes_before_mask"),
        ("http:example.com", "asks_before_mask"),
        ("log", "logs_before_mask"),
    ],
)
@pytest.mark.parametrize("asks", ["required", "optional"])
@pytest.mark.parametrize("module", ["csv-to-json", "mask"])
def test_no_way_out_stands_before_the_mask(
    folder: Path, store: ModuleStore, grant: str, code: str, asks: str, module: str
) -> None:
    """The mask itself sees more in clear than any other module."""
    manifest = (
        CSV_MANIFEST
        if module == "csv-to-json"
        else MASK_MANIFEST.replace('capabilities: {optional: ["secret:*"]}\n', "")
    )
    others = 'optional: ["secret:*"]' if asks == "required" else "required: []"
    given = f"'{grant}'" if asks == "required" else f"'{grant}', \"secret:*\""
    relock(folder, store, module, manifest + f"capabilities: {{{asks}: [{given}], {others}}}\n")
    with (folder / "capabilities.cedar").open("a") as file:
        file.write(f'permit (principal == Module::"{module}", action, resource == Capability::"{grant}");\n')
    with pytest.raises(PolicyError) as raised:
        load.load(folder, store)
    assert {finding.code for finding in raised.value.findings} == {code}


def test_a_module_that_asks_hosts_writes_no_files(folder: Path, store: ModuleStore) -> None:
    grants = ("fs:write:/srv/out", "http:example.com")
    relock(folder, store, "csv-to-json", CSV_MANIFEST + f"capabilities: {{required: {list(grants)}, optional: []}}\n")
    with (folder / "capabilities.cedar").open("a") as file:
        for grant in grants:
            file.write(f'permit (principal == Module::"csv-to-json", action, resource == Capability::"{grant}");\n')
    with pytest.raises(PolicyError) as raised:
        load.load(folder, store)
    assert "asks_and_writes" in {finding.code for finding in raised.value.findings}


@pytest.mark.parametrize(
    "path", ["/srv/out/../../etc/passwd", "/srv/out/./../../etc/passwd", "/srv//out/../../etc/passwd"]
)
def test_a_path_is_asked_about_as_what_it_means(folder: Path, store: ModuleStore, edit: Edit, path: str) -> None:
    """Who permits what is in a folder doesn't permit what `..` in it leads to."""
    relock(
        folder,
        store,
        "csv-to-json",
        CSV_MANIFEST.replace("secret:", "file:") + "capabilities: {optional: ['fs:read:*']}\n",
    )
    held = 'permit (principal == Module::"csv-to-json", action == Action::"hold", resource) when {'
    edit("capabilities.cedar", CAPABILITIES + f'\n{held} resource.name like "read:/srv/*" }};')
    edit("producers/shop.yaml", "{header: true}", f"{{header: true, file: {path}}}")
    (found,) = findings(folder, store)
    assert "module csv-to-json needs fs:read:/etc/passwd and may not hold it" in found
    edit("producers/shop.yaml", path, "/srv/out/../table")
    assert load.load(folder, store).routes["shop", "orders"].normalise[0].grants == ("fs:read:/srv/table",)
