"""What programs get about plans."""

from typing import Any

from rest_framework import serializers

from billing.models import Price


class PlanLine(serializers.Serializer[Any]):
    """One plan on sale."""

    code = serializers.CharField()
    name = serializers.CharField()
    tagline = serializers.CharField()
    price_usd_cents = serializers.IntegerField(
        allow_null=True,
        help_text="US cents a month: 0 when free, null where the operator names it on request",
    )
    year_usd_cents = serializers.IntegerField(allow_null=True, help_text="US cents a year, paid at once")
    credits_per_month = serializers.IntegerField(
        source="credits", allow_null=True, help_text="null where credits do not meter the plan"
    )
    trial_days = serializers.IntegerField(help_text="0: none. Once for a person")
    limits = serializers.DictField(
        child=serializers.IntegerField(allow_null=True), help_text="By limit; null is unlimited"
    )
    features = serializers.DictField(child=serializers.BooleanField())
    models = serializers.ListField(child=serializers.CharField())
    moderation = serializers.CharField()


class ProductLine(serializers.Serializer[Any]):
    """Something bought once."""

    code = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    price_usd_cents = serializers.IntegerField(source="price_cents")
    credits = serializers.IntegerField(allow_null=True, help_text="null for a service")


class Plans(serializers.Serializer[Any]):
    """What is on sale."""

    results = PlanLine(many=True)
    next = serializers.CharField(allow_null=True, help_text="Always null: there is one page")
    products = ProductLine(many=True)


class PlanName(serializers.Serializer[Any]):
    """A plan, named."""

    code = serializers.CharField()
    name = serializers.CharField()


class ScheduledChange(serializers.Serializer[Any]):
    """What begins by itself."""

    plan = PlanName()
    interval = serializers.ChoiceField(Price.Interval.values)
    price_usd_cents = serializers.IntegerField()
    at = serializers.DateTimeField()


class PastDue(serializers.Serializer[Any]):
    """A payment that did not go through."""

    plan = PlanName()
    since = serializers.DateTimeField()
    attempts = serializers.IntegerField()
    next_attempt_at = serializers.DateTimeField(allow_null=True)
    due_usd_cents = serializers.IntegerField(allow_null=True)
    pay_url = serializers.URLField(allow_null=True, help_text="Stripe's page of the invoice")


class SubscriptionState(serializers.Serializer[Any]):
    """The plan the caller is on."""

    plan = PlanName()
    status = serializers.ChoiceField(
        ["active", "trialing", "past_due", "ended", "comped"],
        help_text="past_due: `past_due` says what failed; ended: paid no more, and in force until `ends_at`; "
        "comped: given by an operator, until `ends_at`",
    )
    interval = serializers.ChoiceField(Price.Interval.values, allow_null=True, help_text="null: not paid for")
    price_usd_cents = serializers.IntegerField(allow_null=True, help_text="For one `interval`")
    renews_at = serializers.DateTimeField(allow_null=True, help_text="When the next payment is due")
    cancel_at = serializers.DateTimeField(
        allow_null=True, help_text="When it ends at Stripe; `billing/resume` takes that back"
    )
    trial_ends_at = serializers.DateTimeField(allow_null=True)
    scheduled = ScheduledChange(allow_null=True, help_text="`billing/change/undo` takes it back")
    past_due = PastDue(allow_null=True)
    terms_version = serializers.IntegerField()
    credits_per_month = serializers.IntegerField(allow_null=True)
    allowance = serializers.ChoiceField(
        ["waiting", "granted", "withheld", "none"],
        help_text="The first credits: waiting for a verified address or the next day's budget, granted, "
        "withheld because this person has had them, or none because credits do not meter the plan",
    )
    started_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)


class LimitStanding(serializers.Serializer[Any]):
    """One limit and its use."""

    limit = serializers.CharField()
    name = serializers.CharField(source="words.label")
    used = serializers.IntegerField(allow_null=True, help_text="null where nothing is counted")
    allowed = serializers.IntegerField(allow_null=True, help_text="null is unlimited")
    left = serializers.IntegerField(allow_null=True)
    resets_at = serializers.DateTimeField(allow_null=True)


class Month(serializers.Serializer[Any]):
    """The caller's month, from its start up to its end."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class Usage(serializers.Serializer[Any]):
    """What the caller has used of what is counted."""

    month = Month()
    results = LimitStanding(many=True)
    next = serializers.CharField(allow_null=True, help_text="Always null: there is one page")


class InvoiceState(serializers.Serializer[Any]):
    """One invoice."""

    id = serializers.CharField(help_text="Stripe's")
    number = serializers.CharField(allow_blank=True)
    description = serializers.CharField(source="what")
    status = serializers.CharField(help_text="paid, open, void or uncollectible")
    total_usd_cents = serializers.IntegerField(source="total_cents")
    due_usd_cents = serializers.IntegerField(source="due_cents")
    created_at = serializers.DateTimeField()
    pdf_url = serializers.CharField(source="pdf", allow_blank=True)
    pay_url = serializers.CharField(source="url", allow_blank=True, help_text="Stripe's page of the invoice")


class EntitlementsState(serializers.Serializer[Any]):
    """All that the caller's plan allows."""

    plan = PlanName()
    limits = LimitStanding(many=True)
    features = serializers.DictField(child=serializers.BooleanField())
    models = serializers.ListField(child=serializers.CharField())
    moderation = serializers.CharField()
