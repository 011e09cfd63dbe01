"""What each item of a subscription was last billed for: what a proration gives back.

In flexible billing mode Stripe credits what was really billed, after discounts: a coupon that took half off
the month takes half off what is given back for it, and a free trial gives nothing back.
"""

from dataclasses import asdict, dataclass

from billing.sandbox.engine.lines import Line
from billing.sandbox.store import Object
from billing.sandbox.world import World


@dataclass(frozen=True)
class Billed:
    """The amount of an item for the whole of a period, discounts off, and the line that billed it."""

    amount: int
    start: int
    end: int
    invoice_id: str = ""
    line_id: str = ""


def remember(world: World, item_id: str, billed: Billed) -> None:
    """Note what an item was billed for."""
    world.store.note(item_id, billed=asdict(billed))


def billed_for(world: World, item: Object) -> Billed:
    """Return what an item was last billed for; nothing for a new one."""
    kept = world.store.notes(item["id"]).get("billed")
    return Billed(**kept) if kept else Billed(0, item["current_period_start"], item["current_period_end"])


def remember_invoice(world: World, invoice: Object, lines: list[Line]) -> None:
    """Note what the lines of an invoice that bill whole periods billed, and where prorated ones stand."""
    for line, shown in zip(lines, invoice["lines"]["data"], strict=True):
        if line.item_id is None or line.amount < 0:
            continue
        if line.proration:
            kept = world.store.notes(line.item_id).get("billed")
            if kept and (kept["end"], kept["invoice_id"]) == (line.end, ""):
                world.store.note(
                    line.item_id, billed={**kept, "invoice_id": invoice["id"], "line_id": shown["id"]}
                )
            continue
        net = line.amount - sum(entry["amount"] for entry in shown["discount_amounts"])
        remember(world, line.item_id, Billed(net, line.start, line.end, invoice["id"], shown["id"]))
