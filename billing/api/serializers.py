"""What programs get about plans."""

from typing import Any

from rest_framework import serializers


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


class SubscriptionState(serializers.Serializer[Any]):
    """The plan the caller is on."""

    plan = PlanName()
    status = serializers.ChoiceField(
        ["active", "comped"], help_text="comped: given by an operator, until `ends_at`"
    )
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


class EntitlementsState(serializers.Serializer[Any]):
    """All that the caller's plan allows."""

    plan = PlanName()
    limits = LimitStanding(many=True)
    features = serializers.DictField(child=serializers.BooleanField())
    models = serializers.ListField(child=serializers.CharField())
    moderation = serializers.CharField()
