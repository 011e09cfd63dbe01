"""What programs send to buy, change and end plans."""

from typing import Any

from rest_framework import serializers

from billing.models import Price


class PlanChoice(serializers.Serializer[Any]):
    """A plan to change to, and how often it is paid."""

    plan = serializers.CharField(max_length=64, help_text="The code of a plan on sale")
    interval = serializers.ChoiceField(
        Price.Interval.values, required=False, help_text="Left out: as the present plan is paid"
    )


class CheckoutBody(serializers.Serializer[Any]):
    """What to buy: a `plan` with its `interval`, or a `product`."""

    plan = serializers.CharField(max_length=64, required=False, help_text="The code of a plan on sale")
    interval = serializers.ChoiceField(
        Price.Interval.values, default=Price.Interval.MONTH, help_text="With a plan: how often it is paid"
    )
    product = serializers.CharField(max_length=64, required=False, help_text="The code of a product on sale")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse both at once, and neither."""
        if ("plan" in attrs) == ("product" in attrs):
            raise serializers.ValidationError({"plan": ["Name a plan or a product, not both."]})
        return attrs


class ChangeBody(PlanChoice):
    """A change that was agreed to."""

    proration_date = serializers.DateTimeField(
        required=False, help_text="As the preview gave it: what it said is what is charged"
    )


class ChangePreview(serializers.Serializer[Any]):
    """What a change would cost; nothing is changed."""

    plan = serializers.CharField()
    interval = serializers.ChoiceField(Price.Interval.values)
    takes_effect = serializers.ChoiceField(
        ["now", "at_period_end"],
        help_text="A greater plan begins now, a smaller one when the time paid for is over",
    )
    due_now_usd_cents = serializers.IntegerField()
    credit_usd_cents = serializers.IntegerField(
        help_text="What is not used of the present plan; in `due_now` already"
    )
    next_usd_cents = serializers.IntegerField(help_text="The next payment after that")
    next_at = serializers.DateTimeField()
    proration_date = serializers.DateTimeField(allow_null=True, help_text="Send it with the change")
    becomes_read_only = serializers.ListField(
        child=serializers.CharField(), help_text="Limits of which more is there than the plan carries"
    )


class Address(serializers.Serializer[Any]):
    """Where to go on."""

    url = serializers.URLField(help_text="A page of Stripe's, good for a limited time")
