"""The API of receipts: a version's passages with what paid for them, and a session's bill."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from objects import history
from objects.api.fields import caller
from orchestration.models import Session
from orchestration.receipts.bills import TurnBill, bills_of
from orchestration.receipts.composing import receipts_of


class PaymentBody(serializers.Serializer[Any]):
    """Credits of one lot, drawn by one hold."""

    hold = serializers.IntegerField(source="hold_id")
    lot = serializers.IntegerField(source="part.lot.pk")
    lot_source = serializers.CharField(source="part.lot.source")
    grant = serializers.UUIDField(
        source="grant.key", allow_null=True, default=None, help_text="The entry that brought the lot."
    )
    credits = serializers.IntegerField()


class TurnBillBody(serializers.Serializer[Any]):
    """What a turn held, cost and gave back, and why."""

    turn = serializers.UUIDField(source="turn.pk")
    role = serializers.CharField(source="turn.role.role")
    name = serializers.CharField(source="turn.role.label")
    round = serializers.IntegerField(source="turn.round")
    model = serializers.CharField(source="turn.model")
    status = serializers.CharField(source="turn.status")
    outcome = serializers.CharField(source="turn.outcome", allow_blank=True)
    reason = serializers.CharField(
        source="turn.charge_reason", allow_blank=True, help_text="Why it cost that, by the published table."
    )
    superseded = serializers.BooleanField(source="turn.is_superseded")
    held = serializers.IntegerField()
    credits = serializers.IntegerField(help_text="What it cost, less what was refunded.")
    refunded = serializers.IntegerField()
    payments = PaymentBody(many=True)
    returned = PaymentBody(many=True, help_text="What went back to the lots it came from.")


class BillBody(serializers.Serializer[Any]):
    """A session's bill: its turns sum to what the ledger took for it."""

    session = serializers.UUIDField()
    credits = serializers.IntegerField()
    turns = TurnBillBody(many=True)


class PassageReceipt(serializers.Serializer[Any]):
    """A passage's part of its turn."""

    session = serializers.UUIDField(source="session.pk")
    turn = serializers.UUIDField(source="bill.turn.pk")
    round = serializers.IntegerField(source="bill.turn.round")
    model = serializers.CharField(source="bill.turn.model")
    credits = serializers.IntegerField()
    turn_credits = serializers.IntegerField(source="bill.credits")
    turn_characters = serializers.IntegerField(source="written", help_text="All that the turn wrote.")
    reason = serializers.CharField(source="bill.turn.charge_reason", allow_blank=True)
    payments = PaymentBody(many=True)


class PassageBody(serializers.Serializer[Any]):
    """Words of one author that stand together in one paragraph."""

    number = serializers.IntegerField(source="passage.number")
    start = serializers.IntegerField(source="passage.start", help_text="By characters of its Markdown.")
    end = serializers.IntegerField(source="passage.end")
    text = serializers.CharField()
    characters = serializers.IntegerField(
        source="passage.weight", help_text="Without white space: its part of what the turn wrote."
    )
    written_by = serializers.ChoiceField(choices=["agent", "human", "unknown"], source="kind")
    byline = serializers.CharField()
    versions = serializers.ListField(child=serializers.IntegerField(), source="passage.versions")
    receipt = PassageReceipt(allow_null=True)


class RunTurn(serializers.Serializer[Any]):
    """A turn's cost: what stands in this version, and what does not."""

    bill = TurnBillBody()
    in_text = serializers.IntegerField()
    elsewhere = PaymentBody(many=True)


class RunBody(serializers.Serializer[Any]):
    """A run that had a part in this version. Its turns sum to what the ledger took for it."""

    session = serializers.UUIDField(source="session.pk")
    title = serializers.CharField(source="session.title")
    credits = serializers.IntegerField()
    in_text = serializers.IntegerField()
    turns = RunTurn(many=True)


class ReceiptsBody(serializers.Serializer[Any]):
    """All passages of a version with their receipts, and all runs behind them."""

    document = serializers.UUIDField()
    version = serializers.IntegerField()
    passages = PassageBody(many=True)
    runs = RunBody(many=True)


class VersionReceipts(APIView):
    """The receipts of a version."""

    @extend_schema(operation_id="documents_versions_receipts", tags=["versions"], responses=ReceiptsBody)
    def get(self, request: Request, pk: UUID, number: int) -> Response:
        """Say of every passage who wrote it, in which turn, what that cost, and which credits paid.

        Browsing versions needs a plan with version history.
        """
        document = history.browsable(document_id=pk, user=caller(request))
        found = receipts_of(document, history.version(document, number), user=caller(request))
        body = {
            "document": document.pk,
            "version": number,
            "passages": found.passages,
            "runs": found.runs,
        }
        return Response(ReceiptsBody(body).data)


class SessionBill(APIView):
    """The bill of a session."""

    @extend_schema(operation_id="sessions_bill", tags=["sessions"], responses=BillBody)
    def get(self, request: Request, pk: UUID) -> Response:
        """Say of every turn what it held, what it cost and why, and what came back to which credits."""
        session = get_object_or_404(Session.objects.visible_to(caller(request)), pk=pk)
        bills: list[TurnBill] = bills_of(session.owner, [session])[session]
        total = sum(bill.credits for bill in bills)
        return Response(BillBody({"session": session.pk, "credits": total, "turns": bills}).data)
