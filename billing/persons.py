"""Tells whether two sign-ups are one person's, or one network's, without keeping who they are."""

from contextlib import suppress
from ipaddress import ip_address, ip_network
from unicodedata import normalize

from django.conf import settings
from django.utils.crypto import salted_hmac

_DOTS_MEAN_NOTHING = {"gmail.com", "googlemail.com"}


def normalised(email: str) -> str:
    """Return the address that `email` delivers to, as far as providers' habits tell.

    Case and Unicode form do not matter, nor what follows a + in front of the @; at Gmail, dots do not either
    and googlemail.com is gmail.com.
    """
    local, _, domain = normalize("NFKC", email).strip().casefold().rpartition("@")
    with suppress(UnicodeError):  # an undeliverable domain is compared as it was written
        domain = domain.rstrip(".").encode("idna").decode()
    mailbox = local.partition("+")[0] or local
    if domain in _DOTS_MEAN_NOTHING:
        return f"{mailbox.replace('.', '') or mailbox}@gmail.com"
    return f"{mailbox}@{domain}"


def person(email: str) -> str:
    """Return the keyed hash that stands for whoever reads `email`."""
    return _keyed("person", normalised(email))


def network(address: str) -> str:
    """Return the keyed hash of the network of `address`: an IPv6 /64, an IPv4 address; empty for neither."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    prefix = 64 if parsed.version == 6 else 32
    return _keyed("network", str(ip_network((parsed, prefix), strict=False)))


def _keyed(purpose: str, value: str) -> str:
    return salted_hmac(
        f"billing.{purpose}",
        value,
        secret=settings.PERSON_HASH_KEY or settings.SECRET_KEY,
        algorithm="sha256",
    ).hexdigest()
