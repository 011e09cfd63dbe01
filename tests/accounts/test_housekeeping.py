"""What the clock throws away, and what allauth is told (S06)."""

from datetime import timedelta

import pytest
from allauth.account import app_settings as account
from cryptography.fernet import InvalidToken
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import sealing, tokens
from accounts.tasks import prune
from tests.support.people import client_for


def test_prune_drops_expired_sessions_and_tokens(alice, charlie):
    tokens.issue(user=alice)
    client_for(alice)
    Session.objects.update(expire_date=Now() - timedelta(seconds=1))
    OutstandingToken.objects.update(expires_at=Now() - timedelta(seconds=1))
    tokens.issue(user=charlie)
    client_for(charlie)
    prune()
    assert OutstandingToken.objects.get().user == charlie
    assert Session.objects.count() == 1


def test_allauth_is_strict():
    assert account.PREVENT_ENUMERATION is True
    assert account.REAUTHENTICATION_REQUIRED is True
    assert account.EMAIL_NOTIFICATIONS is True
    assert account.LOGOUT_ON_PASSWORD_CHANGE is True
    assert account.EMAIL_VERIFICATION == "mandatory"
    assert account.RATE_LIMITS["signup"] == "5/h/ip"
    assert account.RATE_LIMITS["login_failed"] == "10/m/ip,5/300s/key"


def test_a_seal_opens_for_its_purpose_only(settings):
    sealed = sealing.seal("secret", purpose="mfa")
    assert sealing.unseal(sealed, purpose="mfa") == "secret"
    with pytest.raises(InvalidToken):
        sealing.unseal(sealed, purpose="keys")


def test_a_seal_opens_after_the_key_was_replaced(settings):
    sealed = sealing.seal("secret", purpose="mfa")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-" + "y" * 50
    assert sealing.unseal(sealed, purpose="mfa") == "secret"
