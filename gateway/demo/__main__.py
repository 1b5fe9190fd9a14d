"""`python -m gateway.demo [--once]`: see messages before and after, and why."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct
from rich.console import Console

from gateway.demo import orders, show, webhooks
from gateway.demo.served import Answer, NotServed, Served, serving
from gateway.demo.show import Pace
from gateway.demo.truth import Claim, leaks, missing

SINGLE, BATCH, BATCHES, SALES = 400, 2_000, 3, 2_000
CONNECTIONS = 32
RELEASED = {"crm": frozenset({"pii.email"})}  # by policies/release.cedar: crm-sees-email

Personal = Callable[[Any], Iterator[tuple[str, str]]]


class Sent(Struct, frozen=True, kw_only=True):
    """Messages that one request held, and how it was answered."""

    messages: Sequence[Any]
    answer: Answer


class Shipment(Struct, frozen=True, kw_only=True):
    """Requests of one kind, with how fast they went."""

    sent: Sequence[Sent]
    personal: Personal
    pace: Pace


def main(
    once: Annotated[bool, typer.Option("--once", help="End when all is shown: with 0 if it is true.")] = False,
) -> None:
    """Serve the example policies and show what they do to orders, sales and webhooks."""
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the gateway ends too
    with tempfile.TemporaryDirectory(prefix="maskgate-demo-") as folder:
        try:
            with serving(Path(folder)) as served:
                good = _show(console, served)
                if not once:
                    show.next_steps(console, served)
                    threading.Event().wait()
        except NotServed as error:
            console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            good = False
        except KeyboardInterrupt:
            raise typer.Exit from None
    if not good:
        raise typer.Exit(1)


def _show(console: Console, served: Served) -> bool:
    """False if something isn't as it is shown."""
    with console.status("sending orders, sales and webhooks…"):
        shop = [_single(served), _batches(served), _sales(served)]
        hooks = _hooks(served)
        found = [
            *_claims(served, [*shop, hooks]),
            _recorded(served, [sent for shipment in (*shop, hooks) for sent in shipment.sent]),
        ]
    first = shop[0].sent[0]
    record = served.decision(first.answer.decision)
    _message(console, served, "an order, and who sees what of it", first)
    show.decision(console, record)
    _message(console, served, "a push on GitHub, and what is left of it", hooks.sent[_PUSH])
    show.paces(console, [shipment.pace for shipment in (*shop, hooks)])
    show.claims(console, found)
    return all(claim.holds for claim in found)


def _message(console: Console, served: Served, title: str, sent: Sent) -> None:
    after = served.delivered(served.decision(sent.answer.decision))
    show.message(console, title, sent.messages[0], {name: values[0] for name, values in after.items()})


# ---------------------------------------------------------------- sending

_PUSH = [event for event, _ in webhooks.messages()].index("push")


def _single(served: Served) -> Shipment:
    """Orders one by one, over several connections."""
    made = list(orders.orders(SINGLE))
    bodies = [orders.ndjson([order]) for order in made]

    def post(body: bytes) -> Answer:
        return served.send("orders", body, "application/json")

    post(bodies[0])  # the connection's own cost isn't the point
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        began = time.perf_counter()
        answers = list(threads.map(post, bodies))
        seconds = time.perf_counter() - began
    sent = [Sent(messages=[order], answer=answer) for order, answer in zip(made, answers, strict=True)]
    return _shipment(f"orders one by one, {CONNECTIONS} connections", sent, orders.personal_of_order, bodies, seconds)


def _batches(served: Served) -> Shipment:
    """Orders by the thousand: NDJSON, gzipped."""
    made = [list(orders.orders(BATCH, seed=number)) for number in range(BATCHES)]
    bodies = [orders.ndjson(batch) for batch in made]
    answers = [served.send("orders", body, "application/x-ndjson", compressed=True) for body in bodies]
    sent = [Sent(messages=batch, answer=answer) for batch, answer in zip(made, answers, strict=True)]
    what = f"orders as NDJSON, gzip, {BATCH:,} a request"
    return _shipment(what, sent, orders.personal_of_order, bodies, sum(answer.seconds for answer in answers))


def _sales(served: Served) -> Shipment:
    """The sales of a day: a CSV file."""
    made = list(orders.sales(SALES))
    body = orders.as_csv(made)
    answer = served.send("pos-sales", body, "text/csv")
    sent = [Sent(messages=made, answer=answer)]
    return _shipment("sales as CSV, one file", sent, orders.personal_of_sale, [body], answer.seconds)


def _hooks(served: Served) -> Shipment:
    made = webhooks.messages()
    sent = [Sent(messages=[payload], answer=served.hook(event, payload)) for event, payload in made]
    bodies = [orders.ndjson([payload]) for _, payload in made]
    seconds = sum(one.answer.seconds for one in sent)
    return _shipment("webhooks, signed, one connection", sent, _personal_of_webhook, bodies, seconds)


def _personal_of_webhook(payload: Any) -> Iterator[tuple[str, str]]:
    for value in webhooks.personal():
        yield "a person's", value


def _shipment(what: str, sent: list[Sent], personal: Personal, bodies: list[bytes], seconds: float) -> Shipment:
    messages = sum(len(one.messages) for one in sent)
    pace = Pace(what=what, messages=messages, bytes=sum(map(len, bodies)), seconds=seconds)
    return Shipment(sent=sent, personal=personal, pace=pace)


# ---------------------------------------------------------------- is it so?


def _claims(served: Served, shipments: Sequence[Shipment]) -> Iterator[Claim]:
    """For each destination: nothing is there that isn't released to it, and all that is."""
    counted: dict[str, int] = {}
    leaked: dict[str, list[str]] = {}
    absent: dict[str, list[str]] = {}
    for shipment in shipments:
        for one in shipment.sent:
            for destination, cleaned in served.delivered(served.decision(one.answer.decision)).items():
                released = RELEASED.get(destination, frozenset())
                counted[destination] = counted.get(destination, 0) + len(cleaned)
                for raw, clean in zip(one.messages, cleaned, strict=True):
                    values = list(shipment.personal(raw))
                    leaked.setdefault(destination, []).extend(leaks(values, clean, released))
                    absent.setdefault(destination, []).extend(missing(values, clean, released))
    for destination, count in counted.items():
        except_for = ", ".join(sorted(RELEASED.get(destination, ())))
        yield Claim(
            text=f"{destination}: no personal value in any of {count:,} messages"
            + (f" but {except_for}, which policy releases" if except_for else ""),
            against=tuple(f"{name} in clear" for name in leaked[destination]),
        )
        if except_for:
            yield Claim(
                text=f"{destination}: {except_for} is there wherever it was sent",
                against=tuple(f"{name} missing" for name in absent[destination]),
            )


def _recorded(served: Served, sent: Sequence[Sent]) -> Claim:
    against = []
    for one in sent:
        record = served.decision(one.answer.decision)
        states = {delivery["state"] for delivery in record["deliveries"].values()}
        whole = one.answer.messages == one.answer.delivered == len(one.messages)
        if record["outcome"] != "allowed" or states != {"delivered"} or not whole:
            against.append(f"{one.answer.decision}: {record['outcome']}, {', '.join(sorted(states))}")
    return Claim(
        text=f"each of {len(sent):,} requests was delivered whole before it was answered, and has its decision",
        against=tuple(against),
    )


if __name__ == "__main__":
    typer.run(main)
