"""The values that travel between the floors. Everything here is immutable and does no I/O.

They are `msgspec.Struct`s rather than dataclasses: the same frozen, keyword-only records, but made and
encoded to JSON in C, which a value made for every request notices (docs/architecture.md).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any, Literal, TypeAlias

import numpy as np
from msgspec import UNSET, Raw, Struct, UnsetType, field

from gateway.media import JSON, Framing


class Batch(Struct, frozen=True, kw_only=True):
    """Messages in one contiguous buffer: message `i` is `body[ends[i-1]:ends[i]]` (`ends[-1]` of nothing is 0)."""

    body: bytes
    ends: array[int]  # typecode "I": byte offsets into `body`, non-decreasing, the last is len(body)

    @classmethod
    def of(cls, messages: list[bytes]) -> Batch:
        return cls(body=b"".join(messages), ends=array("I", accumulate(map(len, messages))))

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[bytes]:
        start = 0
        for end in self.ends:
            yield self.body[start:end]
            start = end


def as_ends(values: np.ndarray[Any, np.dtype[np.uint32]]) -> array[int]:
    """The `ends` of a batch from a NumPy array of unsigned 32-bit integers."""
    ends = array("I")
    ends.frombytes(values.tobytes())
    return ends


# ---------------------------------------------------------------- what the policy says, compiled


class Limits(Struct, frozen=True, kw_only=True):
    """What one stream allows. Sizes in bytes, `time` in milliseconds of wall clock for one step of one request."""

    message: int = 1 << 20
    messages: int = 10_000
    body: int = 16 << 20  # after decompression
    time: int = 50
    memory: int = 64 << 20  # linear memory of one instance


# Names in the mask's report beside those of the classes, which no class can have: values that no field of the stream
# names, and those inside an object or array at a path where only a scalar is released.
UNLISTED, INSIDE = "unlisted", "(inside)"
# Where a class is looked for in free text, its name is followed by this and a number; where nothing has to be looked
# for, the rule is called so. The record counts by class.
AGAIN, SCANNED = "#", "(scanned)"

MASK = "mask"  # the module that every plan has

Abi: TypeAlias = Literal["maskgate/1", "wasi-command", "component"]  # what a host and a module call one another by


class RefusalKind(Struct, frozen=True, kw_only=True):
    """One code that a module may refuse a message with, as its manifest declares it."""

    status: int  # 400: the message is malformed; 422: it is well formed and can't be processed
    title: str


class Step(Struct, frozen=True, kw_only=True):
    """A module with its configuration and its grants, as one plan runs it."""

    module: str
    version: str
    sha256: str  # of the .wasm, lowercase hex
    config: bytes  # canonical UTF-8 JSON, as the module is given it
    abi: Abi = "maskgate/1"
    grants: tuple[str, ...] = ()  # asked for in the manifest and held by policy, sorted
    reads: tuple[str, ...] = ()  # data classes that the step sees in clear, sorted
    counters: frozenset[str] = frozenset()  # names that its report may use
    aliases: Mapping[str, str] = field(default_factory=dict)  # name in the report → class that it counts for, "": none
    refusals: Mapping[str, RefusalKind] = field(default_factory=dict)
    splits: bool = False
    kept: bool = False  # the instance may be kept between requests of one producer
    limits: Limits = Limits()
    digest: str = ""  # sha256 over module, version, sha256, config, grants and limits


class ClassRuling(Struct, frozen=True, kw_only=True):
    """What Cedar said of one data class at one destination."""

    name: str
    released: bool
    treatment: str  # kind of treatment, "keep" when released
    policies: tuple[str, ...]  # ids of the Cedar policies that determined it; empty: the default deny
    key: str | None = None  # id of the key of keys.yaml that the treatment uses


class Plan(Struct, frozen=True, kw_only=True):
    """The ordered steps for one producer, stream and destination under one policy revision."""

    destination: str
    digest: str  # sha256 over the digests of its steps, in order, and its framing where that isn't `lines`
    steps: tuple[Step, ...]  # the stream's normalising steps, then this destination's own
    rulings: tuple[ClassRuling, ...]
    media_type: str = JSON  # of a message that leaves
    framing: Framing = "lines"


class Route(Struct, frozen=True, kw_only=True):
    """All that is fixed at load for one producer and stream."""

    producer: str
    stream: str
    accept: frozenset[str]  # media types, lowercase
    normalise: tuple[Step, ...]  # the steps that all plans begin with
    plans: tuple[Plan, ...]
    limits: Limits


class Ruling(Struct, frozen=True, kw_only=True):
    """An answer of Cedar's: whether, and by which policies (`@id` where there is one)."""

    allowed: bool
    policies: tuple[str, ...]


# ---------------------------------------------------------------- one request


class Credential(Struct, frozen=True, kw_only=True):
    """Who is calling. `subject` is a producer's or a user's name; `id` names the credential, never its value."""

    subject: str
    id: str
    kind: str  # api_key | webhook


class Arrival(Struct, frozen=True, kw_only=True):
    """What is known of a request when it has been read, whatever becomes of it."""

    id: str  # UUIDv7 (RFC 9562), the decision's id
    time: int  # nanoseconds since the epoch, UTC
    stream: str
    producer: str | None = None
    credential: str | None = None
    client: str | None = None  # IP address
    request_id: str | None = None
    traceparent: str | None = None
    idempotency_key: str | None = None
    media_type: str | None = None
    bytes_in: int = 0  # of the decoded body


class Refusal(Struct, frozen=True, kw_only=True):
    """A message that didn't pass. `index` counts the request's messages (for a CSV document: its records) from 0."""

    index: int
    code: str
    offset: int | None = None  # byte offset in the message
    destination: str | None = None


# ---------------------------------------------------------------- the record


class PlanRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was done for one destination.

    `steps` and `classes` are the same for every request of a plan and come encoded: a JSON array each, of the steps'
    module, version, sha256, grants and reads, and of the classes' name, treatment ("keep": released) and policies.
    """

    destination: str
    plan: str  # digest
    steps: Raw
    classes: Raw
    microseconds: tuple[int, ...]  # of each step that ran
    fields: Mapping[str, int] = field(default_factory=dict)  # class → how many values
    counts: Mapping[str, int] = field(default_factory=dict)  # module.name → what modules beside the mask counted
    unlisted: int = 0  # values dropped because no field of the stream names them
    messages: int = 0  # out
    bytes: int = 0  # out
    dropped: int = 0
    refused: int = 0
    output: str | None = None  # keyed digest of the bytes for this destination, hex
    denied: Mapping[str, int] = field(default_factory=dict)  # module.import → attempts without a grant
    failed: str | None = None  # the module that failed; the decision's code says how


class Reveal(Struct, frozen=True, kw_only=True):
    """Values that a user has had back in clear: which class, and how many; never which values."""

    user: str
    data_class: str
    destination: str | None  # whose treatment was reversed; None: the class's own
    values: int
    revealed: int  # the others weren't made by that treatment and its keys


class Trial(Struct, frozen=True, kw_only=True):
    """What became of a request that two versions of a module ran: the one in force, and one on trial (a canary)."""

    module: str
    version: str  # on trial
    result: str  # same | differs | failed: the one on trial, beside the other
    taken: bool  # the messages that left are those of the version on trial


class ModuleChange(Struct, frozen=True, kw_only=True):
    """A change of modules.lock while messages flow."""

    user: str | None  # None: a canary's verdict
    module: str
    action: str  # install | upgrade | rollback | canary | promote | withdraw | unload
    before: str | None  # the version in force until then; None: none
    version: str | None  # the version in force from then on
    installed: str | UnsetType = UNSET  # the version that was installed
    tried: str | UnsetType = UNSET  # the version that is on trial from then on


class AskedHost(Struct, frozen=True, kw_only=True):
    """How much one host is asked in one round."""

    host: str  # as the grant `http:HOST` names it
    requests: int
    bytes: int  # of their targets, headers and bodies


class AskedPlan(Struct, frozen=True, kw_only=True):
    """A plan for which a host is asked."""

    destination: str
    plan: str  # digest


class Asked(Struct, frozen=True, kw_only=True):
    """What a module is about to ask hosts for one request: durable before it is asked.

    It says how much. It never holds a URL, a path, a header or anything else that a module made of a message.
    """

    arrival: Arrival  # its id is that of the decision to come
    number: int  # 1, 2, 3, … of the request
    time: int  # nanoseconds since the epoch, UTC
    policies: tuple[str, ...]  # Cedar policies that determined `publish`
    revision: str  # of the policy set
    messages: int  # in
    input: str  # keyed digest of the decoded body, hex
    plans: tuple[AskedPlan, ...]  # equal plans ask once
    module: str
    version: str
    sha256: str
    hosts: tuple[AskedHost, ...]


class Decision(Struct, frozen=True, kw_only=True):
    """The record of one request. It never holds a value of a message (DESIGN: what must never happen)."""

    arrival: Arrival
    outcome: str  # allowed | denied | refused | failed
    status: int  # of the HTTP answer, had the deliveries succeeded
    code: str | None = None  # of the problem
    policies: tuple[str, ...] = ()  # Cedar policies that determined `publish`
    revision: str | None = None  # of the policy set
    messages: int = 0  # in
    input: str | None = None  # keyed digest of the decoded body, hex
    plans: tuple[PlanRecord, ...] = ()
    refusals: Mapping[str, int] = field(default_factory=dict)  # code → messages
    trial: Trial | UnsetType = UNSET
    reveal: Reveal | UnsetType = UNSET  # instead of a request: `maskgate reveal`
    change: ModuleChange | UnsetType = UNSET  # instead of a request


# ---------------------------------------------------------------- delivery


class Delivery(Struct, frozen=True, kw_only=True):
    """Cleaned messages for one destination, framed as its plan says."""

    decision: str  # id
    destination: str
    batch: Batch
    lane: str = ""  # deliveries of one lane stay in order


class Receipt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a delivery ended. `delivered` is true only when the destination has confirmed."""

    decision: str
    destination: str
    delivered: bool
    time: int  # nanoseconds since the epoch, UTC
    attempts: int = 1
    receipt: str | None = None  # what the destination said: a file and offset, a status line
    error: str | None = None  # a code, never a text of the destination's
