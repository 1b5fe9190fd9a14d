"""One class for each distinct answer, with its HTTP status, stable code and what to do about it.

They become RFC 9457 problems at the edge (`gateway.web.problem`). None of them carries a value of a message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import ceil

from gateway.flow import Refusal


class MaskgateError(Exception):
    """An answer other than success. `detail` is one sentence for the caller that says what to change."""

    status = 500
    code = "internal"
    title = "The gateway failed"
    detail = "Nothing was sent. Try again later."
    outcome = "refused"  # in the decision record: denied | refused | failed
    retry_after: int | None = None  # seconds
    decision: str | None = None  # id of the record of this answer, once there is one

    def __init__(self, detail: str | None = None, *, refusals: Sequence[Refusal] = ()) -> None:
        self.detail = detail or type(self).detail
        self.refusals = tuple(refusals)
        super().__init__(self.detail)


class NoCredential(MaskgateError):
    outcome = "denied"
    status, code, title = 401, "no_credential", "No credential"
    detail = "Send the API key as 'Authorization: Bearer KEY', or sign the body as the stream's webhook expects."


class WrongCredential(MaskgateError):
    outcome = "denied"
    status, code, title = 401, "wrong_credential", "The credential is not known here"
    detail = "Check the key or the signing secret with the team that runs this gateway."


class UnknownStream(MaskgateError):
    """The same for a stream that doesn't exist and for one that isn't this producer's: neither is told."""

    outcome = "denied"
    status, code, title = 403, "unknown_stream", "Not a stream of this producer"
    detail = "The policy lists no such stream for this producer."


class NotPermitted(MaskgateError):
    outcome = "denied"
    status, code, title = 403, "not_permitted", "Not permitted"
    detail = "The policy doesn't permit this producer to publish to this stream."


class UserNotPermitted(MaskgateError):
    outcome = "denied"
    status, code, title = 403, "not_permitted", "Not permitted"
    detail = "The policy doesn't permit this user to do this."


class NotFound(MaskgateError):
    status, code, title = 404, "not_found", "Not found"
    detail = "There is nothing at this address."


class WrongMethod(MaskgateError):
    status, code, title = 405, "wrong_method", "Method not allowed"
    detail = "This address is not for this method."


class BadRequest(MaskgateError):
    status, code, title = 400, "bad_request", "The request is malformed"


class BadQuery(BadRequest):
    code, title = "bad_query", "A query parameter is malformed"


class EmptyBody(BadRequest):
    code, title = "empty_body", "The body is empty"
    detail = "Send at least one message."


class BadEncoding(BadRequest):
    code, title = "bad_encoding", "The body doesn't decompress"
    detail = "The body is truncated or is not what Content-Encoding says."


class BodyTimeout(BadRequest):
    code, title = "body_timeout", "The body came too slowly"
    detail = "Send the body without pauses."


class ClientGone(BadRequest):
    """Nobody is left to read the answer; the record has it."""

    code, title = "client_gone", "The client went away"
    detail = "The connection was closed before the body was complete."


class BodyTooLarge(MaskgateError):
    status, code, title = 413, "body_too_large", "The body is too large"


class MessageTooLarge(MaskgateError):
    status, code, title = 413, "message_too_large", "A message is too large"


class TooManyMessages(MaskgateError):
    status, code, title = 413, "too_many_messages", "Too many messages in one request"


class NotChangeable(MaskgateError):
    status, code, title = 409, "not_changeable", "The modules were not changed"


class UnsupportedMediaType(MaskgateError):
    status, code, title = 415, "unsupported_media_type", "Unsupported content type"


class UnsupportedEncoding(MaskgateError):
    status, code, title = 415, "unsupported_encoding", "Unsupported content encoding"
    detail = "Send the body plain, or with Content-Encoding gzip or deflate."


class MessageRefused(MaskgateError):
    """Every message of the request was refused. Code, status and title are those of the module's manifest."""

    status, code, title = 422, "message_refused", "The message was refused"

    def __init__(self, refusals: Sequence[Refusal], *, code: str, status: int, title: str) -> None:
        first = refusals[0]
        where = f"message {first.index}" if first.offset is None else f"message {first.index}, byte {first.offset}"
        super().__init__(f"{title} ({where}).", refusals=refusals)
        self.code, self.status, self.title = code, status, title


class GuestFailure(StrEnum):
    """What a guest can do wrong. Each is a stable code, and a label of `maskgate_guest_failures_total`."""

    TIMEOUT = "guest_timeout"  # ran past its deadline
    MEMORY = "guest_memory"  # couldn't grow its memory past the limit
    TRAP = "guest_trap"  # unreachable, out of bounds, stack exhausted, …
    EXIT = "guest_exit"  # called proc_exit
    BAD_POINTER = "guest_bad_pointer"  # mg_alloc or mg_transform pointed outside the memory
    OUTPUT_TOO_LARGE = "guest_output_too_large"
    BAD_FRAME = "guest_bad_frame"  # counts, order or totals that don't add up
    MISSING_SOURCE = "guest_missing_source"  # a message went in and neither it nor a word of it came out
    BAD_REPORT = "guest_bad_report"  # not a JSON object of known counters
    BAD_REASON = "guest_bad_reason"  # a refusal with a code that the manifest doesn't declare
    BAD_OUTPUT = "guest_bad_output"  # the last step's messages aren't one line each
    REFUSED_CONFIG = "guest_refused_config"  # mg_configure said no to what it accepted at load
    INSTANTIATION = "guest_instantiation"  # the instance couldn't be made


class LoadFailure(StrEnum):
    """Why a module can't serve. Each is the code of a finding, and a label of `maskgate_module_load_failures_total`."""

    TOO_LARGE = "module_too_large"  # more bytes than a module may have
    INVALID = "module_invalid"  # not WebAssembly, or with features that are off
    COMPILE_TIME = "module_compile_time"  # takes too long to compile
    COMPILE_MEMORY = "module_compile_memory"  # takes too much memory to compile
    IMPORT = "module_import"  # imports what the sandbox doesn't offer, or with another type
    EXPORT = "module_export"  # lacks an export of its ABI, or has it with another type
    CONFIG = "module_config"  # refuses the configuration that the policy gives it
    START = "module_start"  # fails while it is instantiated and configured


class GuestFailed(MaskgateError):
    """A module failed on this request's messages; nothing was sent."""

    outcome = "failed"
    status, title = 422, "A transform failed on this request"

    def __init__(self, failure: GuestFailure, module: str, step: str) -> None:
        """`step`: the digest of the step that the module serves."""
        super().__init__(f"Module {module} failed ({failure.value}); nothing was sent.")
        self.code = failure.value
        self.failure = failure
        self.module, self.step = module, step


class TooBusy(MaskgateError):
    status, code, title = 429, "too_busy", "Too many requests in flight for this producer"
    detail = "Slow down and send again."
    retry_after = 1


class Unavailable(MaskgateError):
    outcome = "failed"
    status, code, title = 503, "unavailable", "The gateway can't take this now"
    detail = "Nothing was sent. Try again later."
    retry_after = 1


class ModuleOpen(Unavailable):
    """A circuit breaker is open: nothing was tried."""

    code, title = "module_open", "A transform of this stream keeps failing"

    def __init__(self, module: str, seconds: float) -> None:
        super().__init__(
            f"Module {module} failed on this stream many times in a row. Nothing was sent. Try again later."
        )
        self.retry_after = max(1, ceil(seconds))
        self.module = module


class NotRecorded(Unavailable):
    code, title = "not_recorded", "The decision couldn't be recorded"
    detail = "Nothing was sent: nothing leaves without its record. Try again later."


class NotDelivered(Unavailable):
    code, title = "not_delivered", "A destination hasn't confirmed"
    detail = "At least one destination didn't confirm that it has the messages; others may have them. Send them again."


def kinds(parent: type[MaskgateError] = MaskgateError) -> Iterator[type[MaskgateError]]:
    """Every kind of answer that is an error and has a code of its own, for the documentation.

    The codes of `MessageRefused` are those of the modules' manifests, those of `GuestFailed` are `GuestFailure`.
    """
    if parent not in (MessageRefused, GuestFailed):
        yield parent
    for kind in parent.__subclasses__():
        yield from kinds(kind)
