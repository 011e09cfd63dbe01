"""Shapes of the credits API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from credits.models import Entry, EntryKind


class BalanceState(serializers.Serializer[Any]):
    """What the caller can spend, in whole credits."""

    available = serializers.IntegerField(help_text="Free to spend now.")
    held = serializers.IntegerField(help_text="Set aside for work that is under way.")
    allowance = serializers.IntegerField(help_text="What the plan gave for this period.")
    used_this_period = serializers.IntegerField(help_text="Spent in this period, less what was refunded.")
    resets_at = serializers.DateTimeField(help_text="When the period ends.")


class HistoryQuery(serializers.Serializer[Any]):
    """Which lines of the history: of a `kind`, `from` a moment on, up `to` a moment."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Name fields as Python would not let attributes be called."""
        return {
            "kind": serializers.ChoiceField(choices=EntryKind.choices, required=False),
            "from": serializers.DateTimeField(required=False),
            "to": serializers.DateTimeField(required=False),
        }


class ReferenceState(serializers.Serializer[Any]):
    """What caused a movement."""

    kind = serializers.CharField()
    id = serializers.UUIDField()


class EntryState(serializers.ModelSerializer[Entry]):
    """One line of the statement."""

    id = serializers.UUIDField(source="key")
    reference = serializers.SerializerMethodField()
    available_after = serializers.IntegerField()
    hash = serializers.SerializerMethodField(
        help_text="SHA-256 over this line and the hash of the one before: nobody can change the past unseen."
    )

    class Meta:
        model = Entry
        fields = (
            "id",
            "seq",
            "kind",
            "amount",
            "held_change",
            "balance_after",
            "available_after",
            "reference",
            "description",
            "created_at",
            "hash",
        )
        read_only_fields = fields

    def get_hash(self, entry: Entry) -> str:
        """Write the hash as people do."""
        return bytes(entry.hash).hex()

    @extend_schema_field(ReferenceState(allow_null=True))
    def get_reference(self, entry: Entry) -> dict[str, Any] | None:
        """Say what caused it, if anything is named."""
        if entry.reference_id is None:
            return None
        return {"kind": entry.reference_kind, "id": str(entry.reference_id)}
