"""What the YAML files of a policy set say, as values. Sizes are bytes, durations milliseconds, both integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

from gateway.documents.finding import Place
from gateway.documents.source import Document
from gateway.flow import Credential, Limits
from gateway.media import Framing
from gateway.policy.kinds import Treatment
from gateway.registry.signing import Trust

# ---------------------------------------------------------------- data classes, keys


class Pattern(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A regular expression (linear-time: no look-around, no back-references) that finds values of a class in text."""

    pattern: str
    near: list[str] = []
    confidence: int = 80  # percent


class Words(Struct, frozen=True, kw_only=True, omit_defaults=True):
    words: list[str]
    confidence: int = 80


class DataClass(Struct, frozen=True, kw_only=True):
    """`pii.email` is a child of `pii`. `treatment` None: that of the nearest ancestor that has one."""

    name: str
    description: str = ""
    treatment: Treatment | None = None
    scalars: bool = False  # what stands inside an object or array at its path is unlisted, when it is released
    detect: tuple[str | Pattern | Words, ...] = ()  # names of entities, and the policy's own

    @property
    def parent(self) -> str | None:
        return self.name.rpartition(".")[0] or None


class Key(Struct, frozen=True, kw_only=True):
    """A secret under a name that stays while the secret changes."""

    name: str
    current: str  # id
    secrets: Mapping[str, str]  # id → the secret's name


# ---------------------------------------------------------------- producers


class StepUse(Struct, frozen=True, kw_only=True):
    """A module as a policy file names it, with its configuration."""

    module: str
    config: Mapping[str, Any] = field(default_factory=dict)  # `with` in the file


class ProducerStream(Struct, frozen=True, kw_only=True):
    accept: tuple[str, ...]  # media types, lowercase, sorted
    steps: tuple[StepUse, ...] = ()


class Producer(Struct, frozen=True, kw_only=True):
    name: str
    team: str
    attributes: Mapping[str, str | int | bool] = field(default_factory=dict)
    streams: Mapping[str, ProducerStream] = field(default_factory=dict)


class Webhook(Struct, frozen=True, kw_only=True):
    """A signing secret of a producer's, by name."""

    credential: Credential
    scheme: str  # github
    secret: str


# ---------------------------------------------------------------- streams


class Scan(Struct, frozen=True, kw_only=True):
    """Free text: values of these classes, and of those beneath them, are found and treated; the rest stays."""

    classes: tuple[str, ...]
    least: int = 50  # percent of confidence


class Stream(Struct, frozen=True, kw_only=True):
    name: str
    description: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)  # path → data class
    scans: Mapping[str, Scan] = field(default_factory=dict)  # path → what is looked for in the text there
    unlisted: Literal["keep", "drop", "refuse"] = "drop"
    destinations: tuple[str, ...] = ()
    whens: Mapping[str, str] = field(default_factory=dict)  # destination → predicate of json-filter
    on_failure: Literal["refuse"] = "refuse"
    ack: Literal["delivered"] = "delivered"
    limits: Limits = Limits()


# ---------------------------------------------------------------- destinations


class FileSink(Struct, frozen=True, kw_only=True, tag_field="kind", tag="file"):
    path: str  # relative to the data folder's `destinations`
    rotate_size: int = 64 << 20  # bytes
    rotate_time: int = 3_600_000  # milliseconds
    sync: bool = True  # confirm when the bytes would outlive a power cut; else when they would outlive the gateway


class HttpSink(Struct, frozen=True, kw_only=True, tag_field="kind", tag="http"):
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, str] = field(default_factory=dict)  # header → name of the secret that is its value
    batch_messages: int = 500
    batch_size: int = 1 << 20  # bytes
    timeout: int = 10_000  # milliseconds, for one attempt
    attempts: int = 5
    backoff_first: int = 200  # milliseconds
    backoff_most: int = 5_000


Sink = FileSink | HttpSink


class Destination(Struct, frozen=True, kw_only=True):
    name: str
    sink: Sink
    treatments: Mapping[str, Treatment] = field(default_factory=dict)  # class → instead of its default
    steps: tuple[StepUse, ...] = ()  # after the mask
    framing: Framing | None = None  # None: as the media type has it


# ---------------------------------------------------------------- users, lock


class User(Struct, frozen=True, kw_only=True):
    name: str
    roles: tuple[str, ...] = ()


class LockEntry(Struct, frozen=True, kw_only=True):
    module: str
    version: str
    sha256: str  # of the .wasm, lowercase hex
    manifest: str  # sha256 of manifest.yaml, lowercase hex
    kept: bool = False  # instances may be kept between requests of one producer
    canary: Canary | None = None


class Canary(Struct, frozen=True, kw_only=True):
    """Another version of a module, on trial."""

    entry: LockEntry
    share: int  # percent of each stream's requests
    requests: int = 1000  # that decide, in one worker
    errors: float = 0  # percent of them
    differences: float = 0


# ---------------------------------------------------------------- all of it


class PolicySet(Struct, frozen=True, kw_only=True):
    """All policy files under one revision: a SHA-256 over their paths and bytes, lowercase hex."""

    revision: str
    producers: Mapping[str, Producer]
    streams: Mapping[str, Stream]
    destinations: Mapping[str, Destination]
    classes: Mapping[str, DataClass]
    users: Mapping[str, User]
    lock: Mapping[str, LockEntry]
    keys: Mapping[str, Key]
    trust: Trust
    producer_keys: Mapping[str, Credential]  # by lowercase hex SHA-256 of the API key
    user_keys: Mapping[str, Credential]
    webhooks: Mapping[str, tuple[Webhook, ...]]  # by stream: whose signature may stand under a body sent there
    files: Mapping[str, bytes]  # by path in the folder, sorted

    def place(self, file: str, *path: str | int, key: bool = False) -> Place:
        """Where the value (with `key`: the key) at `path` in a YAML file stands. It reads the file anew."""
        return Document(file, self.files[file]).place(path, key=key)

    def cedar(self) -> dict[str, str]:
        """The texts of the Cedar files by path, the schema's among them."""
        return {path: text.decode() for path, text in self.files.items() if ".cedar" in path}
