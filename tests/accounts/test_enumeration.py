"""G06: how long an answer takes does not tell whether an address has an account."""

import time
from statistics import NormalDist, median

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.support.people import PASSWORD, open_account

ROUNDS = 40


def by_page(email: str) -> None:
    Client().post("/accounts/login/", {"login": email, "password": "not theirs at all"})


def by_api(email: str) -> None:
    body = {"email": email, "password": "not theirs at all"}
    APIClient().post("/api/v1/auth/token", body, format="json")


def reset(email: str) -> None:
    Client().post("/accounts/password/reset/", {"email": email})


def sign_up(email: str) -> None:
    Client().post("/accounts/signup/", {"email": email, "password1": PASSWORD, "password2": PASSWORD})


@pytest.mark.slow
@pytest.mark.parametrize("ask", [by_page, by_api, reset, sign_up])
def test_known_and_unknown_take_the_same_time(db, settings, ask):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    for number in range(ROUNDS):
        open_account(f"known{number}")
    times: dict[str, list[float]] = {"known": [], "stranger": []}
    for number in range(ROUNDS):
        for kind, taken in times.items():
            start = time.perf_counter()
            ask(f"{kind}{number}@example.com")
            taken.append(time.perf_counter() - start)
    medians = {kind: round(median(taken), 4) for kind, taken in times.items()}
    close = abs(medians["known"] - medians["stranger"]) <= 0.010
    assert close or same_distribution(times["known"], times["stranger"]) > 0.01, medians


def same_distribution(ours: list[float], theirs: list[float]) -> float:
    """The p of Mann and Whitney's test, by its normal approximation."""
    wins = sum(mine > other for mine in ours for other in theirs)
    n, m = len(ours), len(theirs)
    deviation = (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(wins - n * m / 2) / deviation)
