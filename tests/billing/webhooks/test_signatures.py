"""Which deliveries count as Stripe's."""

import pytest

from billing.webhooks.signatures import is_genuine
from tests.support.stripe_events import signature

NOW = 1_900_000_000
BODY = '{"id": "evt_1"}'
SECRET = "whsec_a"


def genuine(header: str, *, body: bytes = BODY.encode(), secret: str = SECRET) -> bool:
    return is_genuine(body=body, header=header, secret=secret, at=NOW, tolerance=300)


def test_what_the_sdk_signs_is_genuine():
    assert genuine(signature(BODY, "whsec_a", at=NOW))


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (-300, True), (300, True), (-301, False), (301, False), (259_200, False)]
)
def test_a_signature_is_good_for_five_minutes_both_ways(seconds, good):
    assert genuine(signature(BODY, "whsec_a", at=NOW + seconds)) is good


def test_while_a_secret_is_replaced_either_signature_does():
    header = signature(BODY, "whsec_old", "whsec_a", at=NOW)
    assert header.count("v1=") == 2
    assert genuine(header, secret="whsec_a")
    assert genuine(header, secret="whsec_old")
    assert not genuine(header, secret="whsec_other")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "nonsense",
        f"t={NOW}",
        "t=²,v1=00",
        f"t={'9' * 5000},v1=00",
        f"t=-{NOW},v1=00",
        f"t={NOW},v1=é\udce9",
        f"t={NOW}.0,v1=00",
    ],
)
def test_what_is_no_signature_is_refused(header):
    assert not genuine(header)


def test_two_moments_are_refused():
    assert not genuine(f"t={NOW}," + signature(BODY, "whsec_a", at=NOW))


def test_another_scheme_does_not_count():
    assert not genuine(signature(BODY, "whsec_a", at=NOW).replace("v1=", "v0="))


def test_a_changed_body_is_refused():
    assert not genuine(signature(BODY, "whsec_a", at=NOW), body=b'{"id": "evt_2"}')
    assert not genuine(signature(BODY, "whsec_a", at=NOW), body=b"\xff\xfe")


def test_without_a_secret_nothing_is_genuine():
    assert not genuine(signature(BODY, "", at=NOW), secret="")
