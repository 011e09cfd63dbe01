"""The API of paying: checkout, changes of a plan, Stripe's portal, invoices."""

from collections.abc import Callable
from typing import Any, cast

from django.db.models import QuerySet
from djstripe.models import Invoice
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotency_key, idempotent
from accounts.models import User
from billing import entitlements
from billing.api import examples
from billing.api.bodies import Address, ChangeBody, ChangePreview, CheckoutBody, PlanChoice
from billing.api.serializers import InvoiceState, SubscriptionState
from billing.api.states import subscription_state
from billing.comparison import on_sale
from billing.services import changes, checkout, portal
from billing.stripe import readings as at_stripe
from billing.subscribing.losses import losses
from billing.subscribing.membership import membership_of
from config.common.api import ErrorResponse
from config.common.limiting import costly
from config.common.pagination import CursorPage

_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeat it to repeat the request safely"
)
_REFUSALS = {409: ErrorResponse, 422: ErrorResponse, 429: ErrorResponse, 503: ErrorResponse}


@costly
class CheckoutView(APIView):
    """Buying."""

    @extend_schema(
        operation_id="billing_checkout",
        tags=["billing"],
        parameters=[_KEY],
        request=CheckoutBody,
        responses={200: Address, **_REFUSALS},
        examples=[examples.BUY_PLAN, examples.BUY_PRODUCT, examples.CHECKOUT],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Begin to buy a plan or a product: give the address at which Stripe is paid.

        Nothing is granted before Stripe has told that it was. 409 for whoever pays for a plan already: they
        change it.
        """
        chosen, user, key = _sent(CheckoutBody, request), _user(request), idempotency_key(request)
        if "product" in chosen:
            url = checkout.buy(user=user, product=chosen["product"], key=key)
        else:
            url = checkout.start(user=user, plan=chosen["plan"], interval=chosen["interval"], key=key)
        return Response({"url": url})


@costly
class PreviewView(APIView):
    """What a change would cost."""

    @extend_schema(
        operation_id="billing_change_preview",
        tags=["billing"],
        request=PlanChoice,
        responses={200: ChangePreview, **_REFUSALS},
        examples=[examples.CHOICE, examples.PREVIEW],
    )
    def post(self, request: Request) -> Response:
        """Say what a change of plan or interval would cost, now and next, and what becomes read-only."""
        user, chosen = _user(request), _choice(PlanChoice, request)
        preview = changes.preview(user=user, **chosen)
        to = on_sale(chosen["plan"])
        shown = {
            **chosen,
            "takes_effect": "now" if preview.is_upgrade else "at_period_end",
            "due_now_usd_cents": preview.due_now_cents,
            "credit_usd_cents": preview.credit_cents,
            "next_usd_cents": preview.next_cents,
            "next_at": preview.next_at,
            "proration_date": preview.proration_date,
            "becomes_read_only": [one.limit for one in losses(user, to=to.limits).read_only],
        }
        return Response(ChangePreview(shown).data)


@costly
class ChangeView(APIView):
    """Another plan, or another interval."""

    @extend_schema(
        operation_id="billing_change",
        tags=["billing"],
        parameters=[_KEY],
        request=ChangeBody,
        responses={200: SubscriptionState, 402: ErrorResponse, **_REFUSALS},
        examples=[examples.AGREED, examples.SUBSCRIPTION],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Change the plan: a greater one now, for the difference; a smaller one when what is paid is over.

        If the card is refused nothing changes.
        """
        agreed = _choice(ChangeBody, request)
        changes.apply(
            user=_user(request),
            plan=agreed["plan"],
            interval=agreed["interval"],
            proration_date=agreed.get("proration_date"),
            key=idempotency_key(request),
        )
        return _state(request)


def _verb(name: str, verb: Callable[..., object], says: str) -> type[APIView]:
    """Return the view of `POST billing/<name>`: calls `verb`, answers with the plan as it stands then."""

    class View(APIView):
        __doc__ = says

        @extend_schema(
            operation_id=f"billing_{name}",
            tags=["billing"],
            parameters=[_KEY],
            request=None,
            responses={200: SubscriptionState, **_REFUSALS},
            description=says,
            examples=[examples.SUBSCRIPTION],
        )
        @idempotent
        def post(self, request: Request) -> Response:
            verb(user=_user(request), key=idempotency_key(request))
            return _state(request)

    View.__name__ = f"Billing{name.title().replace('_', '')}"
    return costly(View)


UndoView = _verb("change_undo", changes.undo, "Take back a change that was to come; 409 where none was.")
CancelView = _verb(
    "cancel", changes.cancel, "End the plan with the time that is paid for; 409 where none is paid for."
)
ResumeView = _verb("resume", changes.resume, "Keep a plan that was cancelled and still runs.")


@costly
class PortalView(APIView):
    """Cards, addresses and invoices at Stripe."""

    @extend_schema(
        operation_id="billing_portal",
        tags=["billing"],
        request=None,
        responses={200: Address, 400: ErrorResponse, **_REFUSALS},
        examples=[examples.PORTAL, examples.NO_CUSTOMER],
    )
    def post(self, request: Request) -> Response:
        """Give the address of Stripe's own pages; 400 `no_customer` for whoever has bought nothing yet."""
        return Response({"url": portal.open(user=_user(request))})


class _NewestFirst(CursorPage):
    """Pages of invoices."""

    ordering = ("-created", "-djstripe_id")


class InvoiceList(generics.ListAPIView[Invoice]):
    """The caller's invoices."""

    serializer_class = InvoiceState
    pagination_class = _NewestFirst
    queryset = Invoice.objects.none()

    @extend_schema(operation_id="billing_invoices_list", tags=["billing"], examples=[examples.INVOICES])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the invoices that Stripe issued, newest first, with the addresses of their files."""
        found: QuerySet[Invoice] = at_stripe.invoices_of(_user(request))
        page = self.paginate_queryset(found) or []
        lines = [at_stripe.invoice_line(invoice) for invoice in page]
        return self.get_paginated_response(InvoiceState(lines, many=True).data)


def _user(request: Request) -> User:
    return cast(User, request.user)


def _sent(body: type[Any], request: Request) -> dict[str, Any]:
    """Return the body as the serializer reads it. ValidationError where it is not one."""
    read = body(data=request.data)
    read.is_valid(raise_exception=True)
    return cast(dict[str, Any], read.validated_data)


def _choice(body: type[PlanChoice], request: Request) -> dict[str, Any]:
    """Return what to change to, by the interval that is paid now where none is named."""
    chosen = _sent(body, request)
    return {"interval": membership_of(_user(request)).interval, **chosen}


def _state(request: Request) -> Response:
    entitlements.forget(_user(request))
    return Response(SubscriptionState(subscription_state(_user(request))).data)
