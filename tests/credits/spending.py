"""Months of work in a moment: turns of sessions that were paid when the test says."""

from datetime import timedelta
from uuid import uuid4

from config.common import clock
from credits import ledger, metering
from credits.models import Hold, Metric, UsageRecord
from objects.services import create_document
from orchestration.models import Session, Turn
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
    owner = document.owner
    data = {"document": document.pk, "roles": [{"role": role, "model": "house"} for role in roles]}
    return create_session(owner=owner, spec=read_spec(owner=owner, data=data))


def pay(session: Session, credits, *, role="writer", ago=timedelta(0), model="house", tokens=1000, over=2):
    """Let an agent of `session` work for `credits`, held with `over` more, `ago` from now."""
    owner, seat = session.owner, session.roles.get(role=role)
    done = session.turns.filter(role=seat).count()
    at = clock.now() - ago
    turn = Turn.objects.create(
        session=session, role=seat, round=done + 1, phase=phase_of(role), model=model, provider="house",
        multiplier=1, base_number=1, status=TurnStatus.FINISHED, outcome=Outcome.COMPLETED, finished_at=at,
    )  # fmt: skip
    reference = ledger.Reference("turn", turn.pk)
    held = ledger.hold(
        wallet_id=owner.wallet.pk, amount=credits + over, key=str(uuid4()),
        expires_at=clock.now() + timedelta(hours=1), reference=reference, description=f"{seat.label}, round {done + 1}",
    )  # fmt: skip
    paid = ledger.settle(
        hold_id=held.hold_id, amount=credits, key=str(uuid4()), description=f"{seat.label}, round {done + 1}"
    )
    metering.record(
        user_id=owner.pk, metric=Metric.LLM_CALL, quantity=tokens, unit="tokens", credits=credits,
        entry_id=paid.entry_id, reference=reference, provider="house", model=model,
        tokens_in=tokens - tokens // 4, tokens_out=tokens // 4,
    )  # fmt: skip
    happened([held.entry_id, paid.entry_id], at)
    return Hold.objects.get(pk=held.hold_id)


def happened(entry_ids, at):
    """Let entries have been written at `at`: the journal's clock is the database's own, and cannot be set back."""
    with triggers_asleep() as cursor:
        cursor.execute("UPDATE credits_entry SET created_at = %s WHERE id = ANY(%s)", [at, entry_ids])
    UsageRecord.objects.filter(entry__in=entry_ids).update(created_at=at)


def opened(user, ago):
    """Let the account and its running period have begun `ago`."""
    with triggers_asleep() as cursor:
        cursor.execute(
            "UPDATE credits_wallet SET opened_at = opened_at - %s WHERE owner_id = %s", [ago, user.pk]
        )
    user.wallet.refresh_from_db()


def period_began(user, ago):
    """Let the allowance's period have begun `ago`, and its lot with it."""
    with triggers_asleep() as cursor:
        for table, columns in (
            ("credits_lot", ("expires_at", "period_start", "created_at")),
            ("credits_wallet", ("period_start", "period_end")),
        ):
            changes = ", ".join(f"{column} = {column} - %s" for column in columns)
            cursor.execute(
                f"UPDATE {table} SET {changes} WHERE period_start IS NOT NULL AND "  # noqa: S608
                + ("wallet_id" if table == "credits_lot" else "id")
                + " = %s",
                [*[ago] * len(columns), user.wallet.pk],
            )
    user.wallet.refresh_from_db()
