"""Tells the operators that billing needs one of them."""

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.urls import reverse

from accounts.notifications.kinds import Kind
from accounts.services.notifications import notify

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_PERMISSION = "billing.view_reconciliation"


def ask_for(*, cause: str, title: str, body: str, subject: Model) -> int:
    """Tell every operator who may see billing's comparisons, once for each cause; return how many were told.

    The notice leads to the page of `subject` in the admin.
    """
    meta = subject._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[subject.pk])
    operators = get_user_model().objects.with_perm(_PERMISSION, backend=_BACKEND).filter(is_staff=True)
    told = [
        notify(user=operator, kind=Kind.STUDIO_NEEDS_YOU, cause=cause, title=title, body=body, url=url)
        for operator in operators
    ]
    return sum(notice is not None for notice in told)
