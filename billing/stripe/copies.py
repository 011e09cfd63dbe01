"""Keeps dj-stripe's copies of what Stripe answered, without asking Stripe for anything.

dj-stripe's own way fetches every related object, and the account, while it writes, and stores the secret key
in its tables. Here an object becomes its row as it came; what it points at and is not here yet stays empty,
or is a row that has nothing but its id.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from djstripe import models as copies
from djstripe.fields import StripeForeignKey

from accounts.models import User
from billing.stripe.kinds import kind_of
from billing.stripe.shapes import Shape, id_of, is_deleted, metadata_of, subscription_of
from config.common.clock import now

_KEPT: dict[str, Any] = {
    model.stripe_class.OBJECT_NAME: model
    for model in (
        copies.BalanceTransaction,
        copies.Charge,
        copies.Customer,
        copies.Dispute,
        copies.Invoice,
        copies.PaymentIntent,
        copies.PaymentMethod,
        copies.Price,
        copies.Product,
        copies.Refund,
        copies.Subscription,
        copies.WebhookEndpoint,
    )
}
_OURS = {"djstripe_id", "djstripe_created", "djstripe_updated", "djstripe_owner_account"}
_OURS |= {"subscriber", "date_purged", "secret", "stripe_data"}


@transaction.atomic
def keep(data: Shape) -> Any | None:
    """Bring the copy of an object to what `data` says and return it; None where its kind is not kept.

    An object that is gone at Stripe keeps its last copy, marked; a customer's is no longer anybody's.
    """
    model = _KEPT.get(str(data.get("object")))
    if model is None:
        return None
    if is_deleted(data):
        return _mark_deleted(model, data)
    row, _ = model._default_manager.update_or_create(id=data["id"], defaults=_record(model, data))
    return row


def _record(model: Any, data: Shape) -> dict[str, Any]:
    # An endpoint's secret stands in its own column, and there only.
    record: dict[str, Any] = {"stripe_data": {key: data[key] for key in data if key != "secret"}}
    for field in model._meta.concrete_fields:
        if field.name in _OURS or field.name.startswith("djstripe_"):
            continue
        if isinstance(field, models.ForeignKey):
            if isinstance(field, StripeForeignKey) and field.name in data:
                record[field.attname] = _related(field, data[field.name])
            continue
        value = field.stripe_to_db(data) if hasattr(field, "stripe_to_db") else data.get(field.name)
        record[field.name] = _empty(field) if value is None else value
    if model is copies.Customer:
        record |= {"subscriber": _subscriber(data), "date_purged": None}
    if model is copies.Invoice:
        record["subscription_id"] = _present(copies.Subscription, subscription_of(data))
    return record


def _related(field: Any, value: Any) -> str | None:
    related, object_id = field.related_model, id_of(value)
    if isinstance(value, dict) and not is_deleted(value) and not _has_looks_of_its_own(related, value):
        keep(value)
    if object_id is None or field.null:
        return _present(related, object_id)
    bare = {f.name: _empty(f) for f in related._meta.concrete_fields if _must_be_given(f)}
    related._default_manager.get_or_create(id=object_id, defaults=bare)
    return object_id


def _has_looks_of_its_own(model: Any, value: Shape) -> bool:
    """Whether it is followed for itself and known: then what came along with another may be the older."""
    is_known = model._default_manager.filter(id=value["id"]).exclude(stripe_data={}).exists()
    return kind_of(value["id"]) is not None and is_known


def _present(model: Any, object_id: str | None) -> str | None:
    here = object_id is not None and model._default_manager.filter(id=object_id).exists()
    return object_id if here else None


def _must_be_given(field: Any) -> bool:
    is_plain = not field.is_relation and not field.primary_key and field.name not in _OURS | {"id"}
    return is_plain and not field.null and not field.has_default()


def _empty(field: Any) -> Any:
    if field.null:
        return None
    if field.has_default():
        return field.get_default()
    return "" if isinstance(field, models.CharField | models.TextField) else field.to_python(0)


def _subscriber(data: Shape) -> User | None:
    """Return the user whose id the studio wrote on a customer, where there still is one."""
    found = metadata_of(data).get("atelier_user", "")
    field = User._meta.pk
    try:
        return User.objects.filter(pk=field.to_python(found)).first()
    except ValidationError:
        return None


def _mark_deleted(model: Any, data: Shape) -> Any | None:
    row = model._default_manager.filter(id=data["id"]).first()
    if row is None:
        return None
    values: dict[str, Any] = {"stripe_data": {**row.stripe_data, **data}}
    if model is copies.Customer:
        values |= {"subscriber": None, "date_purged": now()}
    if hasattr(row, "active"):
        values["active"] = False
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "djstripe_updated"])
    return row
