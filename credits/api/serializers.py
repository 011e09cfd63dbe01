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


class UsageQuery(serializers.Serializer[Any]):
    """Which month's usage: a calendar month, else the running period."""

    month = serializers.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", required=False)


class DayShare(serializers.Serializer[Any]):
    """What was spent on one day."""

    day = serializers.DateField()
    credits = serializers.IntegerField()


class ShareState(serializers.Serializer[Any]):
    """A part of what was spent."""

    name = serializers.CharField(source="label")
    credits = serializers.IntegerField()


class ModelShare(ShareState):
    """What a model was paid, and its tokens, read and written."""

    tokens = serializers.IntegerField()


class UsageState(serializers.Serializer[Any]):
    """Where credits went. The days, the agents, the models and the documents each add up to `spent`."""

    start = serializers.DateTimeField(source="span.start")
    end = serializers.DateTimeField(source="span.end")
    time_zone = serializers.CharField(source="span.zone.key", help_text="Whose days they are")
    spent = serializers.IntegerField(help_text="Settled for work; what was held and came back is not in it.")
    given_back = serializers.IntegerField(help_text="Refunded, whenever it had been spent.")
    days = DayShare(many=True, help_text="Days without use are left out.")
    agents = ShareState(many=True)
    models = ModelShare(many=True)
    documents = ShareState(many=True, source="texts", help_text="The dearest six, and the others as one.")


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
