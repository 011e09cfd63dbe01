"""The one way to write the audit log."""

import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from accounts.models import AuditEntry, User
from config.common.clock import now
from config.common.network import client_ip

_address: ContextVar[str | None] = ContextVar("audit_address", default=None)


def write(
    *,
    act: str,
    subject: Model,
    reason: str,
    actor: User | None,
    user_id: uuid.UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write down that `actor` did `act` to `subject`, in the transaction that does it.

    `user_id` says whose account it concerns; `before` and `after` hold figures and states, never what anybody
    wrote. Without an actor it was the clock or the command line. The network address is the request's.
    """
    return AuditEntry.objects.create(
        at=now(),
        actor_id=actor.pk if actor else None,
        act=act,
        subject_kind=subject._meta.model_name or "",
        subject_id=str(subject.pk),
        user_id=user_id,
        before=before or {},
        after=after or {},
        reason=reason[:500],
        address=_address.get(),
    )


class AddressMiddleware:
    """Lets the log know where the request came from that it is written in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = _address.set(client_ip(request))
        try:
            return self.get_response(request)
        finally:
            _address.reset(before)
