"""Shapes of the operators' API."""

from typing import Any

from rest_framework import serializers

from credits.corrections import MOST
from credits.models import Correction
from credits.models.correction import SHORTEST_REASON


class CreditsBody(serializers.Serializer[Any]):
    """Credits to give, or to take."""

    amount = serializers.IntegerField(
        min_value=-MOST, max_value=MOST, help_text="Whole credits: above 0 gives, below 0 takes."
    )
    reason = serializers.CharField(
        min_length=SHORTEST_REASON,
        max_length=200,
        help_text="The account's owner reads it on their statement, where it stays for ever.",
    )
    expires_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="When what is given ends; absent: never.",
    )

    def validate_amount(self, amount: int) -> int:
        """Refuse to move nothing."""
        if amount == 0:
            raise serializers.ValidationError("Name the credits to give, or below 0 to take.")
        return amount


class AccountBalance(serializers.Serializer[Any]):
    """What the account has now."""

    available = serializers.IntegerField()
    held = serializers.IntegerField()


class CorrectionState(serializers.ModelSerializer[Correction]):
    """A movement of credits by hand, and where it stands."""

    balance = AccountBalance(source="wallet", help_text="What the account has now.")

    class Meta:
        model = Correction
        fields = (
            "id",
            "state",
            "kind",
            "amount",
            "reason",
            "expires_at",
            "needs_approval",
            "requested_at",
            "balance",
        )
        read_only_fields = fields
