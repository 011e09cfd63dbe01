"""Tells the operators that billing needs one of them."""

from django.contrib.auth.models import Permission
from django.db.models import Model, Q, QuerySet

from accounts.models import User
from accounts.services.alerts import alert_operators
from config.common.operators import page_of


def ask_for(*, cause: str, title: str, body: str, subject: Model) -> int:
    """Tell every operator who may see billing's comparisons, once for each cause; return how many were told.

    The notice leads to the page of `subject` in the admin.
    """
    url = page_of(subject)
    return alert_operators(operators=_operators(), cause=cause, title=title, body=body, url=url)


def _operators() -> QuerySet[User]:
    seeing = Permission.objects.filter(codename="view_reconciliation", content_type__app_label="billing")
    granted = Q(is_superuser=True) | Q(user_permissions__in=seeing) | Q(groups__permissions__in=seeing)
    return User.objects.filter(granted, is_staff=True, is_active=True).distinct()
