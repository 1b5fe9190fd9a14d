"""Kinds of treatment: what may become of a value that may not leave in clear, as the policy files write it.

What each does is said in docs/policies.md and, for the module that does it, in modules/mask/manifest.yaml. `None` and
what equals a default is left out of the module's configuration. A keyed kind has a `secret` (its name, never the
secret) or a `key` (of keys.yaml: the secret that is current, and its id goes out with what it made); `domain` separates
pseudonyms of different classes (None: the name of the class).
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field


class _Kind(Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    pass


class Redact(_Kind, frozen=True, kw_only=True, tag="redact"):
    pass


class Nullify(_Kind, frozen=True, kw_only=True, tag="nullify"):
    pass


class Drop(_Kind, frozen=True, kw_only=True, tag="drop"):
    pass


class Text(_Kind, frozen=True, kw_only=True, tag="text"):
    text: str


class Label(_Kind, frozen=True, kw_only=True, tag="label"):
    """The class's name in brackets."""


class Partial(_Kind, frozen=True, kw_only=True, tag="partial"):
    keep_first: int = 0  # Unicode scalars
    keep_last: int = 0
    mask: str = "*"  # exactly one scalar
    keep_domain: bool = False
    keep_separators: bool = False


class Fixed(_Kind, frozen=True, kw_only=True, tag="fixed"):
    length: int  # Unicode scalars that take the place of what isn't kept, however many there were
    mask: str = "*"
    keep_first: int = 0
    keep_last: int = 0


class Truncate(_Kind, frozen=True, kw_only=True, tag="truncate"):
    keep: int  # Unicode scalars


class _Keyed(_Kind, frozen=True, kw_only=True):
    secret: str | None = None
    key: str | None = None
    domain: str | None = None


class Hmac(_Keyed, frozen=True, kw_only=True, tag="hmac"):
    bytes: int = 16
    prefix: str = ""


class Ff1(_Keyed, frozen=True, kw_only=True, tag="ff1"):
    alphabet: str = "digits"
    keep_first: int = 0
    keep_last: int = 0
    tagged: bool = True


class Siv(_Keyed, frozen=True, kw_only=True, tag="siv"):
    pass


class Name(_Keyed, frozen=True, kw_only=True, tag="name"):
    part: Literal["full", "given", "family"] = "full"


class Email(_Keyed, frozen=True, kw_only=True, tag="email"):
    host: str = "example.com"


class Choose(_Keyed, frozen=True, kw_only=True, tag="choose"):
    """A text of the policy's own."""

    from_: list[str] = field(name="from")


class ShiftDate(_Keyed, frozen=True, kw_only=True, tag="shift_date"):
    days: int
    entity: str  # JSON Pointer into the message
    format: str | None = None  # how dates are written; None: ISO 8601


class Noise(_Keyed, frozen=True, kw_only=True, tag="noise"):
    by: int | float | str | None = None  # or `percent`
    percent: int | float | str | None = None


class Shuffle(_Keyed, frozen=True, kw_only=True, tag="shuffle"):
    least: int = 10  # values of one request


class Bucket(_Kind, frozen=True, kw_only=True, tag="bucket"):
    """`size` (and `offset`, `as`), or `edges` (and `labels`)."""

    size: int | float | str | None = None
    offset: int | float | str | None = None
    as_: Literal["range", "lower"] | None = field(default=None, name="as")
    edges: list[int | float] | None = None
    labels: list[str] | None = None


class Date(_Kind, frozen=True, kw_only=True, tag="date"):
    keep: Literal["year", "quarter", "month", "week", "day", "hour"]
    form: Literal["short", "same"] = "short"
    format: str | None = None  # how dates are written; None: ISO 8601


class IpPrefix(_Kind, frozen=True, kw_only=True, tag="ip_prefix"):
    v4: int = 24  # bits that stay
    v6: int = 48


Treatment = (
    Redact
    | Nullify
    | Drop
    | Text
    | Label
    | Partial
    | Fixed
    | Truncate
    | Hmac
    | Ff1
    | Siv
    | Name
    | Email
    | Choose
    | ShiftDate
    | Noise
    | Shuffle
    | Bucket
    | Date
    | IpPrefix
)
Keyed = Hmac | Ff1 | Siv | Name | Email | Choose | ShiftDate | Noise | Shuffle
Named = Hmac | Ff1 | Siv  # what they make says which key made it; of the others the record alone does
Reversible = Ff1 | Siv
