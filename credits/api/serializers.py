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
    owed = serializers.IntegerField(
        help_text="Spent, and its money went back: until it is settled, nothing new starts."
    )
    resets_at = serializers.DateTimeField(help_text="When the period ends.")


class HistoryQuery(serializers.Serializer[Any]):
    """Which lines of the history: of a `kind`, `from` one moment `to` another, about a thing, with words."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Name fields as Python would not let attributes be called."""
        return {
            "kind": serializers.ChoiceField(choices=EntryKind.choices, required=False),
            "from": serializers.DateTimeField(required=False),
            "to": serializers.DateTimeField(required=False),
            "session": serializers.UUIDField(required=False),
            "document": serializers.UUIDField(required=False),
            "q": serializers.CharField(required=False, max_length=100),
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
    time_zone = serializers.CharField(
        source="span.zone", help_text="Whose days they are: the caller's own, UTC for a calendar month."
    )
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


class CauseState(serializers.Serializer[Any]):
    """What caused a movement, for people."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Name fields as attributes of a serializer are called already."""
        return {
            "label": serializers.CharField(),
            "url": serializers.CharField(help_text="Where to read it, on this site."),
        }


class EntryState(serializers.ModelSerializer[Entry]):
    """One line of the statement."""

    id = serializers.UUIDField(source="key")
    reference = serializers.SerializerMethodField()
    cause = serializers.SerializerMethodField()
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
            "cause",
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

    @extend_schema_field(CauseState(allow_null=True))
    def get_cause(self, entry: Entry) -> dict[str, str] | None:
        """Name what caused it, where the caller may see that."""
        if entry.reference_id is None:
            return None
        cause = self.context["causes"].get((entry.reference_kind, entry.reference_id))
        return {"label": cause.label, "url": cause.url} if cause else None


class HistoryLine(serializers.Serializer[Any]):
    """One line of the history's files."""

    number = serializers.IntegerField()
    time = serializers.DateTimeField()
    kind = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    cause = serializers.CharField(allow_null=True)
    cause_url = serializers.CharField(allow_null=True)
    credits = serializers.IntegerField()
    held_change = serializers.IntegerField()
    balance_after = serializers.IntegerField()
    available_after = serializers.IntegerField()
    reference_kind = serializers.CharField(allow_null=True)
    reference_id = serializers.UUIDField(allow_null=True)
    id = serializers.UUIDField()
    hash = serializers.CharField()


class HistoryFile(serializers.Serializer[Any]):
    """The history as one file."""

    entries = HistoryLine(many=True)


class StandState(serializers.Serializer[Any]):
    """A wallet after an entry: number 0 is before the first."""

    seq = serializers.IntegerField()
    balance = serializers.IntegerField()
    held = serializers.IntegerField()
    head = serializers.CharField(help_text="The end of the hash chain, in hex.")


class StatementRow(serializers.Serializer[Any]):
    """One month that has a statement."""

    month = serializers.CharField()
    is_over = serializers.BooleanField(help_text="A month that is not over is told as it stands now.")
    entries = serializers.IntegerField(source="count")
    opening = StandState()
    closing = StandState()


class StatementList(serializers.Serializer[Any]):
    """Months, newest first."""

    results = StatementRow(many=True)
    next = serializers.CharField(allow_null=True, help_text="The month to go on from, as `until`.")


class SignedEntry(serializers.Serializer[Any]):
    """An entry with everything that its hash covers."""

    seq = serializers.IntegerField()
    kind = serializers.CharField()
    amount = serializers.IntegerField()
    held_change = serializers.IntegerField()
    balance_after = serializers.IntegerField()
    held_after = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    key = serializers.UUIDField()
    hold = serializers.IntegerField(allow_null=True)
    lot = serializers.IntegerField(allow_null=True)
    reference_kind = serializers.CharField(allow_blank=True)
    reference_id = serializers.UUIDField(allow_null=True)
    actor_id = serializers.UUIDField(allow_null=True)
    description = serializers.CharField(allow_blank=True)
    hash = serializers.CharField()


class StatementAccount(serializers.Serializer[Any]):
    """Whose it is."""

    wallet = serializers.IntegerField()
    user = serializers.UUIDField()
    email = serializers.EmailField()


class StatementPeriod(serializers.Serializer[Any]):
    """Its month, in UTC."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Name fields as Python would not let attributes be called."""
        return {
            "month": serializers.CharField(),
            "from": serializers.DateTimeField(),
            "to": serializers.DateTimeField(),
            "is_over": serializers.BooleanField(),
        }


class StatementTotals(serializers.Serializer[Any]):
    """What each kind that changes the balance summed up to."""

    grant = serializers.IntegerField()
    refund = serializers.IntegerField()
    settle = serializers.IntegerField()
    expire = serializers.IntegerField()
    adjust = serializers.IntegerField()
    clawback = serializers.IntegerField(required=False, help_text="In a month that took credits back.")
    restore = serializers.IntegerField(required=False, help_text="In a month that restored credits.")


class Signature(serializers.Serializer[Any]):
    """The studio's signature over everything before it."""

    algorithm = serializers.CharField()
    key = serializers.CharField()
    value = serializers.CharField()


class StatementFile(serializers.Serializer[Any]):
    """A month's statement. Keep its bytes as they came: a statement that is written anew is refused."""

    format = serializers.CharField()
    account = StatementAccount()
    period = StatementPeriod()
    opening = StandState()
    entries = SignedEntry(many=True)
    closing = StandState()
    totals = StatementTotals()
    signature = Signature()


class KeyState(serializers.Serializer[Any]):
    """A public key that statements are, or were, signed with."""

    id = serializers.CharField()
    algorithm = serializers.CharField()
    public_key = serializers.CharField(help_text="32 bytes in base64.")
    is_current = serializers.BooleanField()


class KeyList(serializers.Serializer[Any]):
    """All of them, the present one first."""

    keys = KeyState(many=True)
