"""Who a user is at Stripe: one customer each, made when it is first needed."""

from django.conf import settings
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from djstripe.models import Customer

from accounts.models import User
from billing.stripe import gateway, mirror
from billing.stripe.errors import StripeRefused


def customer_for(user: User) -> str:
    """Return the id of the user's customer at Stripe, with their present address; made on first use.

    However many ask at once, one customer is made. One that was deleted at Stripe is replaced. Calls Stripe
    where there is something to tell it: outside transactions, never on a GET.
    """
    customer = _copy_of(user)
    if customer is None:
        return _make(user)
    if _details(user) != (customer.email, customer.stripe_data.get("name") or ""):
        return _tell(user, customer)
    return str(customer.id)


def is_known(user: User) -> bool:
    """Tell whether the user has a customer at Stripe."""
    return _copy_of(user) is not None


def keep_in_step(user: User) -> None:
    """Tell Stripe the user's present address, where it knows the user and has another."""
    if is_known(user):
        customer_for(user)


def out_of_step() -> QuerySet[User]:
    """Return the users of whom Stripe has another address or name, as far as is known here."""
    name = Coalesce(KeyTextTransform("name", "stripe_data"), Value(""), output_field=TextField())
    told = Customer.objects.filter(
        subscriber__isnull=False, livemode=settings.STRIPE_LIVE_MODE, date_purged__isnull=True
    ).annotate(told_name=name)
    differs = ~Q(email=F("subscriber__email")) | ~Q(told_name=F("subscriber__display_name"))
    return User.objects.filter(pk__in=told.filter(differs).values("subscriber")).order_by("pk")


def _copy_of(user: User) -> Customer | None:
    """Return the copy of the user's customer in the present mode, the newest."""
    mine = Customer.objects.filter(
        subscriber=user, livemode=settings.STRIPE_LIVE_MODE, date_purged__isnull=True
    )
    return mine.order_by("-created").first()


def _make(user: User) -> str:
    email, name = _details(user)
    known_as = {"name": name} if name else {}
    drawn = mirror.draw()
    made = gateway.make(
        operation="customer.create",
        key=f"customer:{user.pk}",
        parameters={"email": email, **known_as, "metadata": {"atelier_user": str(user.pk)}},
        user=user,
    )
    mirror.take(made, drawn=drawn)
    return str(made["id"])


def _tell(user: User, customer: Customer) -> str:
    """Tell Stripe how to reach the user; return the id of their customer, another where that one is gone."""
    email, name = _details(user)
    # An empty name takes one back: it is sent where there is one to take back.
    known_as = {"name": name} if name or customer.stripe_data.get("name") else {}
    # Each change of the copy begins a new request: the same address may be told twice in a customer's life.
    key = f"customer:{customer.id}:since:{customer.djstripe_updated.isoformat()}"
    drawn = mirror.draw()
    try:
        told = gateway.request(
            operation="customer.update",
            key=key,
            target=customer.id,
            parameters={"email": email, **known_as},
            user=user,
        )
    except StripeRefused as error:
        if error.details["code"] != "resource_missing":
            raise
        mirror.refresh(customer.id)
        return _make(user)
    mirror.take(told, drawn=drawn)
    return str(customer.id)


def _details(user: User) -> tuple[str, str]:
    return user.email, user.display_name
