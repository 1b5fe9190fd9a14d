"""Guests that misbehave, in real WebAssembly: each ends in its own failure and touches nobody else."""

from __future__ import annotations

import pytest
import wasmtime

from gateway.errors import GuestFailure
from gateway.flow import Limits
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError
from gateway.sandbox.guest import Guest
from gateway.sandbox.kind import LoadError
from tests.sandbox.making import GUESTS, HASTY, LIMITS, batch, does, escaped, frame, program, step, wasm, wat
from tests.sandbox.test_frame import BAD_FRAMES, THREE

PLACES = {"start": 1, "initialize": 2, "alloc": 3, "configure": 4, "transform": 5}
TRAP, TIMEOUT, MEMORY = GuestFailure.TRAP, GuestFailure.TIMEOUT, GuestFailure.MEMORY

MISBEHAVIOURS = {
    "loops": TIMEOUT,
    "recurses_in_place": TIMEOUT,
    "fills_in_loops": TIMEOUT,
    "grows_then_traps": MEMORY,
    "grows_then_loops": TIMEOUT,
    "asks_for_3_gib": TRAP,
    "is_unreachable": TRAP,
    "reads_out_of_bounds": TRAP,
    "writes_out_of_bounds": TRAP,
    "exhausts_the_stack": TRAP,
    "divides_by_zero": TRAP,
    "calls_an_empty_slot": TRAP,
    "grows_a_table": TRAP,
}


def run(engine: Engine, text: str, *messages: bytes, limits: Limits = LIMITS) -> GuestFailure:
    """The failure of a guest made and called once."""
    with pytest.raises(GuestError) as raised:
        Guest(program(engine, text, module_step=step(limits=limits))).transform(batch(*(messages or (b"{}",))))
    return raised.value.failure


def echoes(engine: Engine) -> bool:
    """Whether a guest that is in order works."""
    output = Guest(program(engine, wat("echo"))).transform(batch(b"one", b"", b"three"))
    return list(output.batch) == [b"one", b"", b"three"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("what", MISBEHAVIOURS)
def test_a_misbehaviour_has_its_failure_wherever_it_happens(engine: Engine, what: str, place: str) -> None:
    limits = HASTY if MISBEHAVIOURS[what] is TIMEOUT else LIMITS
    seen = run(engine, wat("misbehaves", place=PLACES[place], does=does(what)), limits=limits)
    if place == "start" and MISBEHAVIOURS[what] is MEMORY:
        assert seen is TRAP  # there is no instance yet whose memory could be measured
    else:
        assert seen is MISBEHAVIOURS[what]
    assert echoes(engine)


def test_every_misbehaviour_is_tried() -> None:
    from_folder = {path.stem for path in (GUESTS / "does").glob("*.wat")}
    assert from_folder == {*MISBEHAVIOURS, "grows_then_goes_on"}


def test_a_guest_that_behaves(engine: Engine) -> None:
    guest = Guest(program(engine, wat("misbehaves")))
    for _ in range(3):
        assert list(guest.transform(batch(b"{}")).batch) == [b""]
    assert guest.denied == {}


def test_memory_stays_within_its_limit(engine: Engine) -> None:
    guest = Guest(program(engine, wat("misbehaves", place=PLACES["transform"], does=does("grows_then_goes_on"))))
    assert list(guest.transform(batch(b"{}")).batch) == [b""]
    assert guest.memory_size == LIMITS.memory


def test_memory_that_is_too_small_for_the_module(engine: Engine) -> None:
    assert run(engine, wat("returns", memory=17)) is GuestFailure.INSTANTIATION
    assert run(engine, wat("shape", imports="(table 100001 funcref)")) is GuestFailure.INSTANTIATION


def test_memory_of_4_gib_and_the_last_byte_of_it(engine: Engine) -> None:
    """A pointer and a length that end at 2^32 are right where there is so much memory."""
    large = step(limits=Limits(memory=8 << 30, time=1000))
    text = wat("returns", memory=65536, pointer=-20, length=20)
    with pytest.raises(GuestError, match="missing_source"):  # the frame is all zeros: no entry
        Guest(program(engine, text, module_step=large)).transform(batch(b"{}"))
    text = wat("returns", memory=65536, pointer=-20, length=21)
    with pytest.raises(GuestError, match="bad_pointer"):
        Guest(program(engine, text, module_step=large)).transform(batch(b"{}"))
    text = wat("returns", memory=65536, alloc=-1)
    with pytest.raises(GuestError, match="bad_pointer"):
        Guest(program(engine, text, module_step=large))


@pytest.mark.parametrize("alloc", [0, -1, 131072, 131071, 0x7FFFFFFF, -0x80000000])
def test_mg_alloc_points_nowhere(engine: Engine, alloc: int) -> None:
    assert run(engine, wat("returns", alloc=alloc)) is GuestFailure.BAD_POINTER


def test_a_message_larger_than_the_buffer_it_is_given(engine: Engine) -> None:
    assert run(engine, wat("returns", alloc=65536), bytes(65537)) is GuestFailure.BAD_POINTER


@pytest.mark.parametrize(
    ("pointer", "length", "expected"),
    [
        (131072, 20, GuestFailure.BAD_POINTER),
        (131053, 20, GuestFailure.BAD_POINTER),
        (-1, 20, GuestFailure.BAD_POINTER),
        (-20, 20, GuestFailure.BAD_POINTER),  # 2^32 - 20
        (1024, 131072 - 1023, GuestFailure.BAD_POINTER),
        (-1, -1, GuestFailure.OUTPUT_TOO_LARGE),
        (1024, -0x80000000, GuestFailure.OUTPUT_TOO_LARGE),  # 2^31
        (1024, LIMITS.memory + 1, GuestFailure.OUTPUT_TOO_LARGE),
        (0, 0, GuestFailure.BAD_FRAME),
        (0, 20, GuestFailure.MISSING_SOURCE),  # address 0 is memory like any other: it holds zeros
        (131072, 0, GuestFailure.BAD_FRAME),
    ],
)
def test_a_result_that_is_nowhere(engine: Engine, pointer: int, length: int, expected: GuestFailure) -> None:
    assert run(engine, wat("returns", pointer=pointer, length=length)) is expected


@pytest.mark.parametrize("case", BAD_FRAMES)
def test_a_frame_that_is_off(engine: Engine, case: str) -> None:
    content, expected = BAD_FRAMES[case]
    assert run(engine, wat("returns", frame=escaped(content), length=len(content)), *THREE) is expected


def test_a_frame_at_an_odd_address(engine: Engine) -> None:
    content = frame([(0, 0, 1), (1, 0, 2), (2, 0, 3)], b"ABC")
    text = wat("returns", frame="\\00" + escaped(content), pointer=1025, length=len(content))
    assert list(Guest(program(engine, text)).transform(THREE).batch) == [b"A", b"B", b"C"]


def test_a_frame_over_the_input_in_memory_that_grows_meanwhile(engine: Engine) -> None:
    guest = Guest(program(engine, wat("shifts")))
    for message in (b"first", b"x" * 65000, b""):
        assert list(guest.transform(batch(message)).batch) == [message]


def test_a_module_that_doesnt_split_gives_an_entry_for_each_message(engine: Engine) -> None:
    content = frame([(0, 0, 0), (0, 0, 0)])
    text = wat("returns", frame=escaped(content), length=len(content))
    assert run(engine, text) is GuestFailure.BAD_FRAME
    splitting = Guest(program(engine, text, module_step=step(splits=True)))
    assert len(splitting.transform(batch(b"{}")).batch) == 2


def test_a_module_that_splits_without_end(engine: Engine) -> None:
    content = frame([(0, 0, 0)] * 801)  # 8 × the messages that the stream takes, and one
    text = wat("returns", frame=escaped(content), length=len(content))
    with pytest.raises(GuestError) as raised:
        Guest(program(engine, text, module_step=step(splits=True))).transform(batch(b"{}"))
    assert raised.value.failure is GuestFailure.OUTPUT_TOO_LARGE


def test_a_deadline_is_for_the_call_and_not_for_the_instance(engine: Engine) -> None:
    guest = Guest(program(engine, wat("echo")))
    for number in range(50):
        assert list(guest.transform(batch(b"%d" % number), ticks=1000).batch) == [b"%d" % number]


# ---------------------------------------------------------------- configuration


def refusal(engine: Engine, text: str, limits: Limits = LIMITS) -> str:
    """What a guest says that doesn't take its configuration."""
    with pytest.raises(GuestError) as raised:
        Guest(program(engine, text, module_step=step(limits=limits)))
    assert raised.value.failure is GuestFailure.REFUSED_CONFIG
    return str(raised.value)


def test_a_configuration_that_is_refused_in_the_modules_own_words(engine: Engine) -> None:
    assert refusal(engine, wat("refuses")) == "guest_refused_config: rules[2]: no such treatment"


def test_words_that_are_no_text(engine: Engine) -> None:
    assert refusal(engine, wat("refuses", text="\\ff\\1b[2J\\0a", length=6)) == "guest_refused_config: \ufffd [2J "
    assert len(refusal(engine, wat("refuses", text="x" * 9000, length=9000))) < 4200


@pytest.mark.parametrize(("pointer", "length"), [(131072, 1), (1024, -1), (-1, 2), (0, 0)])
def test_words_that_are_nowhere(engine: Engine, pointer: int, length: int) -> None:
    assert refusal(engine, wat("refuses", pointer=pointer, length=length)) == "guest_refused_config"


@pytest.mark.parametrize("what", MISBEHAVIOURS)
def test_mg_error_misbehaves(engine: Engine, what: str) -> None:
    limits = HASTY if MISBEHAVIOURS[what] is TIMEOUT else LIMITS
    assert refusal(engine, wat("misbehaves", place=6, does=does(what)), limits) == "guest_refused_config"


# ---------------------------------------------------------------- what a module has to look like


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("memory", "", "no memory"),
        ("memory", '(func (export "memory"))', "no memory"),
        ("memory", '(memory 2) (export "mem" (memory 0))', "no memory"),
        ("mg_alloc", "", "no function mg_alloc"),
        ("mg_configure", "", "no function mg_configure"),
        ("mg_transform", "", "no function mg_transform"),
        ("mg_error", "", "no function mg_error"),
        ("mg_error", '(global (export "mg_error") i32 (i32.const 0))', "no function mg_error"),
        ("mg_alloc", '(func (export "mg_alloc") (result i32) (i32.const 8))', "mg_alloc with another type"),
        ("mg_alloc", '(func (export "mg_alloc") (param i64) (result i32) (i32.const 8))', "mg_alloc with another type"),
        ("mg_alloc", '(func (export "mg_alloc") (param i32) (result i64) (i64.const 8))', "mg_alloc with another type"),
        ("mg_alloc", '(func (export "mg_alloc") (param i32))', "mg_alloc with another type"),
        ("mg_error", '(func (export "mg_error") (result funcref) (ref.null func))', "mg_error with another type"),
        (
            "mg_transform",
            '(func (export "mg_transform") (param i32 i32) (result i32 i32) (i32.const 0) (i32.const 0))',
            "mg_transform with another type",
        ),
        ("initialize", '(func (export "_initialize") (param i32))', "_initialize with another type"),
        ("initialize", '(global (export "_initialize") i32 (i32.const 0))', "_initialize with another type"),
        ("memory", '(import "env" "memory" (memory 1)) (export "memory" (memory 0))', r"imports env\.memory"),
        ("imports", '(import "maskgate" "secret" (global i32))', r"imports maskgate\.secret"),
        ("imports", '(import "maskgate" "secret" (func))', r"maskgate\.secret with another type"),
        ("imports", '(import "wasi_snapshot_preview1" "fd_write" (func (param i64)))', "with another type"),
        ("imports", '(import "wasi_snapshot_preview1" "random_get" (table 1 funcref))', "doesn't offer"),
        ("imports", '(import "wasi_unstable" "fd_write" (func))', r"wasi_unstable\.fd_write"),
        (
            "imports",
            '(import "wasi_snapshot_preview1" "http_get" (func))',
            "http_get, which",
        ),
        ("imports", '(import "" "" (func))', "doesn't offer"),
    ],
)
def test_a_module_of_another_shape(engine: Engine, part: str, text: str, said: str) -> None:
    with pytest.raises(LoadError, match=said):
        program(engine, wat("shape", **{part: text}))


def test_one_import_under_two_names(engine: Engine) -> None:
    one = '(import "wasi_snapshot_preview1" "sched_yield" (func {} (result i32)))'
    assert program(engine, wat("shape", imports=one.format("$a") + one.format("$b"))).pre


@pytest.mark.parametrize(
    "part",
    [
        {"memory": '(memory (export "memory") i64 1)'},
        {"memory": '(memory (export "memory") 1 1 shared)'},
        {"memory": '(memory (export "memory") 1) (memory 1)'},
        {"memory": '(memory (export "memory") 70000)'},
        {"imports": "(type $cell (struct (field i32)))"},
        {"imports": "(tag $thrown)"},
        {"imports": "(type $f (func)) (func (param (ref $f)) (call_ref $f (local.get 0)))"},
    ],
    ids=lambda part: next(iter(part.values())),
)
def test_what_the_engine_doesnt_take(engine: Engine, part: dict[str, str]) -> None:
    binary = wasm("shape", **part)  # well formed as a text
    with pytest.raises(wasmtime.WasmtimeError):
        wasmtime.Module(engine.wasmtime, binary)
