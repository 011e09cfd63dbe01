"""The only door to Stripe: what is read there, and changes that are written down before they are sent."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from json import dumps, loads
from typing import Any
from urllib.parse import quote

from accounts.models import User
from billing.models import StripeRequest
from billing.stripe.client import refuse_inside_transactions, send
from billing.stripe.errors import Declined, SentOtherwise, StripeRefused
from billing.stripe.operations import KINDS, OPERATIONS, Operation
from billing.stripe.shapes import id_of, is_deleted, metadata_of
from config.common.clock import now
from config.common.errors import Conflict, Missing

KEY_LIFE = timedelta(hours=23)
"""How long a request may be sent again: Stripe forgets Idempotency-Keys after 24 hours."""

_PAGE = 100
_MARK = "atelier_request"
_MOST_TYPES = 20


def fetch(kind: str, object_id: str) -> dict[str, Any]:
    """Return an object as Stripe has it now. Missing where it has none of that id.

    A customer that was deleted comes as `{"id": …, "deleted": True}`.
    """
    spec = KINDS[kind]
    parameters = {"expand": list(spec.expand)} if spec.expand else {}
    try:
        return send("get", f"{spec.path}/{quote(object_id, safe='')}", parameters)
    except StripeRefused as error:
        if error.details["code"] == "resource_missing":
            raise Missing(f"Stripe has no {kind} {object_id}.", details={"id": object_id}) from error
        raise


def list_all(kind: str, **filters: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a kind that Stripe's own `filters` leave, the newest first, a page at a time."""
    after: dict[str, Any] = {}
    while True:
        page = send("get", KINDS[kind].path, {"limit": _PAGE, **filters, **after})
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


def list_events(*, since: datetime, types: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Yield the events since then, the newest first; Stripe keeps them for 30 days."""
    filters: dict[str, Any] = {"created": {"gte": int(since.timestamp())}}
    if 0 < len(types) <= _MOST_TYPES:
        filters["types"] = list(types)
    for event in list_all("event", **filters):
        if not types or event["type"] in types:
            yield event


def preview_invoice(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the invoice that a change would make; nothing is changed."""
    return send("post", "/v1/invoices/create_preview", parameters)


def request(
    *,
    operation: str,
    key: str,
    parameters: Mapping[str, Any],
    target: str = "",
    user: User | None = None,
) -> dict[str, Any]:
    """Have Stripe make one change, once for `key`, and return the object as it answers it.

    The request is committed before it is sent. While its outcome is unknown the same key sends it again under
    the same Idempotency-Key; once it is known, the same key gives the object as it is now, or the refusal.
    Where Stripe may have forgotten the Idempotency-Key it is looked up, never sent again.

    Raises Declined and StripeRefused (kept; nothing was changed), StripeUnavailable, OutcomeUnknown and
    NotSetUp (not settled: ask again), Conflict where the key stands for another request. A name or an address
    that differs makes no other request: that of the first time is sent.
    """
    refuse_inside_transactions()
    row = _written(
        operation=operation, key=key, parameters=loads(dumps(parameters)), target=target, user=user
    )
    if row.state == StripeRequest.State.PENDING and row.created_at < now() - KEY_LIFE:
        settle(row)
    return _carry_out(row) if row.state == StripeRequest.State.PENDING else _outcome(row)


def make(
    *, operation: str, key: str, parameters: Mapping[str, Any], user: User | None = None
) -> dict[str, Any]:
    """Return the one object that there is to be for `key`, made where there is none or it is gone at Stripe.

    However many ask at once, one is made. Raises what `request` raises.
    """
    under = key
    while True:
        try:
            made = request(operation=operation, key=under, parameters=parameters, user=user)
        except Missing as error:
            made = {"id": error.details["id"], "deleted": True}
        if not is_deleted(made):
            return made
        under = f"{key}:after:{made['id']}"


def settle(row: StripeRequest) -> StripeRequest:
    """Find out at Stripe what became of a pending request, store it, and return the row. Sends nothing again.

    One that cannot be found, as where its payer is gone or was another account's, was lost on the way: it is
    refused, and its key is spent.
    """
    try:
        found = _found(row)
    except StripeRefused as error:
        if error.details["code"] != "resource_missing":
            raise
        found = None
    except Missing:
        found = None
    if found:
        _finish(row, state=StripeRequest.State.DONE, result_id=found)
    else:
        _finish(row, state=StripeRequest.State.REFUSED, error="It never reached Stripe.", error_code="lost")
    return row


def _written(
    *, operation: str, key: str, parameters: dict[str, Any], target: str, user: User | None
) -> StripeRequest:
    moment = now()
    row, is_new = StripeRequest.objects.get_or_create(
        key=key,
        defaults={
            "operation": operation,
            "target": target,
            "parameters": parameters,
            "user": user,
            "created_at": moment,
            "sent_at": moment,
        },
    )
    asked = (operation, target, _impersonal(operation, parameters))
    if not is_new and asked != (row.operation, row.target, _impersonal(operation, row.parameters)):
        raise Conflict("This was already asked of Stripe in another way. Start again.", details={"key": key})
    return row


def _carry_out(row: StripeRequest) -> dict[str, Any]:
    spec = OPERATIONS[row.operation]
    StripeRequest.objects.filter(pk=row.pk).update(sent_at=now())
    parameters = dict(row.parameters)
    if spec.takes_metadata:
        parameters["metadata"] = {**parameters.get("metadata", {}), _MARK: str(row.pk)}
    # The same bytes each time: the database gives the members of JSON back in an order of its own.
    parameters = loads(dumps(parameters, sort_keys=True))
    path = spec.path.format(target=quote(row.target, safe=""))
    try:
        answer = send(spec.method, path, parameters, key=str(row.pk), may_charge=spec.may_charge)
    except SentOtherwise:
        return _outcome(settle(row))
    except (Declined, StripeRefused) as error:
        _finish(
            row,
            state=StripeRequest.State.REFUSED,
            error=error.message[:500],
            error_code=error.details["code"][:64],
            is_declined=isinstance(error, Declined),
        )
        raise
    _finish(row, state=StripeRequest.State.DONE, result_id=answer["id"])
    return answer


def _finish(row: StripeRequest, **outcome: Any) -> None:
    """Store the outcome, unless somebody who sent the same request at once already has."""
    outcome |= {"finished_at": now(), "parameters": _impersonal(row.operation, row.parameters)}
    StripeRequest.objects.filter(pk=row.pk, state=StripeRequest.State.PENDING).update(**outcome)
    row.refresh_from_db()


def _outcome(row: StripeRequest) -> dict[str, Any]:
    """Return what a settled request made or changed, as it is now; raise the refusal where it was refused."""
    if row.state == StripeRequest.State.REFUSED:
        kind = Declined if row.is_declined else StripeRefused
        raise kind(row.error, details={"code": row.error_code})
    spec = OPERATIONS[row.operation]
    if spec.kind is None:
        raise Conflict("This was opened already. Open it again.", details={"key": row.key})
    if spec.ends_in == "deleted":
        return {"id": row.result_id, "deleted": True}
    return fetch(spec.kind, row.result_id)


def _found(row: StripeRequest) -> str | None:
    """Return the id of what a request made or changed at Stripe; None where there is nothing of it."""
    spec = OPERATIONS[row.operation]
    if spec.kind is None:
        return None
    if spec.changes:
        return row.target if _is_changed(row, spec, spec.kind) else None
    if source := row.parameters.get("from_subscription"):
        return id_of(fetch("customer.subscription", source).get("schedule"))
    made = (shape for shape in list_all(spec.kind, **_narrowed(row, spec.kind)) if _is_marked(shape, row))
    return id_of(next(made, None))


def _is_changed(row: StripeRequest, spec: Operation, kind: str) -> bool:
    try:
        shape = fetch(kind, row.target)
    except Missing:
        return spec.ends_in == "deleted"
    if spec.takes_metadata:
        return _is_marked(shape, row)
    return shape.get("status") == spec.ends_in or (spec.ends_in == "deleted" and is_deleted(shape))


def _is_marked(shape: Mapping[str, Any], row: StripeRequest) -> bool:
    return metadata_of(shape).get(_MARK) == str(row.pk)


def _narrowed(row: StripeRequest, kind: str) -> dict[str, Any]:
    """Return filters that leave what the request may have made: of the same payer, else of the same hours."""
    for name in ("customer", "payment_intent", "charge"):
        if name in row.parameters:
            return {name: row.parameters[name]}
    if not KINDS[kind].lists_by_time:
        return {}
    first, last = row.created_at - timedelta(hours=1), row.sent_at + timedelta(hours=1)
    return {"created": {"gte": int(first.timestamp()), "lte": int(last.timestamp())}}


def _impersonal(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    personal = OPERATIONS[operation].personal
    return {name: value for name, value in parameters.items() if name not in personal}
