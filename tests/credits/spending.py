"""Months of work in a moment: turns of sessions that were paid when the test says."""

from datetime import timedelta
from uuid import uuid4

from config.common import clock
from credits import ledger
from credits.models import Entry, Hold, Metric, UsageRecord
from credits.periods import nth_period
from objects.services import create_document
from orchestration.models import Turn
from orchestration.services import create_session
from orchestration.spec import read_spec
from orchestration.workflow.outcomes import Outcome
from orchestration.workflow.terms import TurnStatus, phase_of
from tests.credits.books import triggers_asleep

TEAM = ("writer", "content_expert", "style_editor", "synthesizer")


def text_of(owner, title="The ledger"):
    """A new document."""
    return create_document(owner=owner, title=title, body="The keeper wrote down the weather.")


def session_on(document, roles=("writer", "style_editor")):
    """A draft session over a document."""
    data = {"document": document.pk, "roles": [{"role": role, "model": "house"} for role in roles]}
    return create_session(owner=document.owner, spec=read_spec(owner=document.owner, data=data))


def pay(session, credits, *, role="writer", ago=timedelta(0), model="house", tokens=1000, over=2):
    """Let an agent of `session` work for `credits`, held with `over` more; return the hold.

    A journal's times never go back: of several calls the one with the longest `ago` comes first, and all
    that was written before is moved to before it.
    """
    owner, seat, at = session.owner, session.roles.get(role=role), clock.now() - ago
    number = session.turns.filter(role=seat).count() + 1
    turn = Turn.objects.create(
        session=session,
        role=seat,
        round=number,
        phase=phase_of(role),
        model=model,
        provider="house",
        multiplier=1,
        base_number=1,
        status=TurnStatus.FINISHED,
        outcome=Outcome.COMPLETED,
        finished_at=at,
    )
    reference, words = ledger.Reference("turn", turn.pk), f"{seat.label}, round {number}"
    held = ledger.hold(
        wallet_id=owner.wallet.pk,
        amount=max(1, credits + over),
        key=str(uuid4()),
        expires_at=clock.now() + timedelta(hours=1),
        reference=reference,
        description=words,
    )
    paid = ledger.settle(hold_id=held.hold_id, amount=credits, key=str(uuid4()), description=words)
    UsageRecord.objects.create(
        user=owner,
        entry_id=paid.entry_id,
        metric=Metric.LLM_CALL,
        quantity=tokens,
        unit="tokens",
        credits=credits,
        tokens_in=tokens - tokens // 4,
        tokens_out=tokens // 4,
        provider="house",
        model=model,
        reference_kind="turn",
        reference_id=turn.pk,
        period_start=at,
        created_at=at,
    )
    happened(owner, [held.entry_id, paid.entry_id], at)
    return Hold.objects.get(pk=held.hold_id)


def happened(user, entry_ids, at):
    """Let these entries have been written at `at`, and no other after them: the database's clock is its own."""
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_entry SET created_at = %s WHERE id = ANY(%s)", [at, entry_ids])
        cursor.execute(
            "UPDATE credits_entry SET created_at = least(created_at, %s) WHERE wallet_id = %s AND id < %s",
            [at, user.wallet.pk, min(entry_ids)],
        )


def opened(user, ago):
    """Let the account have been opened `ago`."""
    with triggers_asleep() as cursor:
        cursor.execute(
            "UPDATE credits_wallet SET opened_at = %s WHERE id = %s", [clock.now() - ago, user.wallet.pk]
        )
    user.wallet.refresh_from_db()


def period_began(user, ago):
    """Let the running allowance have been granted `ago`, and what was spent before belong to other periods."""
    wallet, period = user.wallet, nth_period(anchor=clock.now() - ago, index=0)
    spent = Entry.objects.filter(wallet=wallet, kind="settle", created_at__gte=period.start)
    used = -sum(spent.values_list("amount", flat=True))
    with triggers_asleep() as cursor:
        cursor.execute(
            "UPDATE credits_lot SET period_start = %s, created_at = %s, expires_at = %s"
            " WHERE id = (SELECT max(id) FROM credits_lot WHERE wallet_id = %s AND source = 'allowance')",
            [period.start, period.start, period.end, wallet.pk],
        )
        cursor.execute(
            "UPDATE credits_wallet SET period_start = %s, period_end = %s, used = %s WHERE id = %s",
            [period.start, period.end, used, wallet.pk],
        )
    wallet.refresh_from_db()
