"""The API of billing: what is on sale, and what the caller may do."""

from dataclasses import asdict
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from billing import usage
from billing.api import examples
from billing.api.serializers import EntitlementsState, Plans, SubscriptionState, Usage
from billing.api.states import subscription_state
from billing.comparison import PlanOnSale, features_of, plans_on_sale
from billing.entitlements import Entitlements, entitlements_of
from billing.limits import LIMITS, Limits
from billing.models import ModelPrice, Product


class PlansView(APIView):
    """What is on sale."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="billing_plans_list",
        tags=["billing"],
        responses=Plans,
        auth=[],
        examples=[examples.PLANS],
    )
    def get(self, request: Request) -> Response:
        """Every plan and one-time product on sale, from the least plan to the greatest."""
        plans, names = plans_on_sale(), _model_names()
        lines = [_line(plan, plans, names) for plan in plans]
        products = Product.objects.filter(is_offered=True)
        return Response(Plans({"results": lines, "next": None, "products": products}).data)


class SubscriptionView(APIView):
    """The caller's plan."""

    @extend_schema(
        operation_id="billing_subscription_retrieve",
        tags=["billing"],
        responses=SubscriptionState,
        examples=[examples.SUBSCRIPTION],
    )
    def get(self, request: Request) -> Response:
        """The plan the caller is on, what it costs, until when, and what comes after it."""
        return Response(SubscriptionState(subscription_state(_user(request))).data)


class UsageView(APIView):
    """The caller's use of what is counted."""

    @extend_schema(
        operation_id="billing_usage_retrieve", tags=["billing"], responses=Usage, examples=[examples.USAGE]
    )
    def get(self, request: Request) -> Response:
        """What is used of every limit that is counted, and when the monthly counts start again."""
        user = _user(request)
        counted = [standing for standing in usage.standings(user) if standing.used is not None]
        return Response(Usage({"month": usage.month_of(user), "results": counted, "next": None}).data)


class EntitlementsView(APIView):
    """What the caller may do."""

    @extend_schema(
        operation_id="entitlements_retrieve",
        tags=["billing"],
        responses=EntitlementsState,
        examples=[examples.ENTITLEMENTS],
    )
    def get(self, request: Request) -> Response:
        """Every limit, feature and model of the caller's plan, with the use where it is counted."""
        user = _user(request)
        mine = entitlements_of(user)
        state = {
            "plan": _name(mine),
            "limits": usage.standings(user),
            **_included(mine.limits, plans_on_sale(), _model_names()),
        }
        return Response(EntitlementsState(state).data)


def _user(request: Request) -> User:
    return cast(User, request.user)


def _name(mine: Entitlements) -> dict[str, str]:
    return {"code": mine.plan_code, "name": mine.plan_name}


def _model_names() -> list[str]:
    return list(ModelPrice.objects.values_list("name", flat=True))


def _included(limits: Limits, plans: list[PlanOnSale], models: list[str]) -> dict[str, Any]:
    return {
        "features": features_of(limits, plans),
        "models": [name for name in models if limits.includes_model(name)],
        "moderation": limits.moderation,
    }


def _line(plan: PlanOnSale, plans: list[PlanOnSale], models: list[str]) -> dict[str, Any]:
    figures = {limit: plan.limits.of(limit) for limit in LIMITS}
    return {**asdict(plan), "limits": figures, **_included(plan.limits, plans, models)}
