"""Starts a session: guards, the first hold, the first turn; all or nothing."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from billing.entitlements import limits_for
from billing.pricing_table import economics, multiplier
from config.common import clock
from config.common.errors import PaymentRequired
from credits import metering
from credits.ledger import Reference
from credits.models import Metric
from objects.quotas import hold_still
from orchestration import admission
from orchestration.estimates import foresee, keep_quote, shape_of
from orchestration.models import Session
from orchestration.runtime import progress
from orchestration.runtime.charging import CannotPay
from orchestration.runtime.news import News
from orchestration.services.reaching import editable
from orchestration.spec import SessionSpec, spec_of
from orchestration.workflow.terms import Status


@transaction.atomic
def start_session(*, session_id: UUID, user: User) -> Session:
    """Start a draft and return it running; a session that was started before is returned as it is.

    Raises Missing, Refused, TooMany, PaymentRequired, Invalid, Conflict or Unavailable with what to do;
    nothing was changed then. The prices and limits of this moment hold for the whole run.
    """
    hold_still(user)
    session = editable(session_id, user)
    if session.status != Status.DRAFT:
        return session
    admission.require_open(session)
    spec = spec_of(session)
    is_bought = bool(session.service)
    foreseen = foresee(owner=user, spec=spec, is_bought=is_bought)
    ahead = foreseen.forecast
    admission.require_text(spec)
    models = [role.model for role in spec.roles]
    if is_bought:
        admission.require_models(spec)
        admission.require_work(user=user, models=models)
    else:
        admission.require_team(user=user, spec=spec, largest_request=ahead.largest_request)
        admission.require_quota(user=user, models=models, tokens=ahead.largest_request)
    _freeze(session, user, spec)
    session.expected_tokens = ahead.expected
    session.round, session.started_at = 1, clock.now()
    progress.run(session)
    session.base_number = session.document.current_number
    try:
        progress.open_first_phase(session)
    except CannotPay as error:
        admission.require_credits(user=user, spec=spec, first_step=ahead.first_step, least=ahead.least)
        raise PaymentRequired(progress.waiting_for(error)) from error
    admission.count_request(user, models)
    session.save()
    keep_quote(session, spec, foreseen)
    if not is_bought:
        _count(session, user)
    News(session).tell()
    return session


def _count(session: Session, user: User) -> None:
    """Count it among the plan's sessions of the month; one that was bought is none of them."""
    metering.record(
        user_id=user.pk,
        metric=Metric.SESSION,
        quantity=1,
        avatar_id=session.document.avatar_id,
        object_id=session.document_id,
        reference=Reference("session", session.pk),
    )


def _freeze(session: Session, user: User, spec: SessionSpec) -> None:
    """Keep the economics of this moment with the session."""
    catalogue = economics()
    session.tokens_per_credit = catalogue.tokens_per_credit
    session.output_weight = catalogue.output_weight
    session.tokens_per_request = None if session.service else limits_for(user).tokens_per_request
    session.shape = shape_of(spec)
    for role in session.roles.all():
        role.multiplier = multiplier(role.model)
        role.save(update_fields=["multiplier"])
