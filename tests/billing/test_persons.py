"""One person, however they spell their address."""

import pytest

from billing.persons import network, normalised, person


@pytest.mark.parametrize(
    ("spelled", "address"),
    [
        ("alice@example.com", "alice@example.com"),
        ("Alice@Example.COM", "alice@example.com"),
        ("alice+novel@example.com", "alice@example.com"),
        ("alice+a+b@example.com", "alice@example.com"),
        ("+tag@example.com", "+tag@example.com"),
        ("a.li.ce@example.com", "a.li.ce@example.com"),
        ("A.Li.Ce+x@gmail.com", "alice@gmail.com"),
        ("alice@googlemail.com", "alice@gmail.com"),
        ("alice@example.com.", "alice@example.com"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
        ("\uff41lice@example.com", "alice@example.com"),
        ("alice@" + "x" * 100 + ".example", "alice@" + "x" * 100 + ".example"),
    ],
)
def test_normalised(spelled, address):
    assert normalised(spelled) == address


def test_person_is_keyed_and_names_nobody(settings):
    mine = person("alice@example.com")
    assert mine == person("ALICE+2@example.com")
    assert mine != person("bob@example.com")
    assert len(mine) == 64
    assert "alice" not in mine
    settings.PERSON_HASH_KEY = "another key"
    assert person("alice@example.com") != mine


def test_network_is_an_ipv4_address_or_an_ipv6_64():
    assert network("192.0.2.1") != network("192.0.2.2")
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9")
    assert network("2001:db8:1:2::1") != network("2001:db8:1:3::1")
    assert network("nowhere") == network("") == ""
