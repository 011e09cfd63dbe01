"""Where a request comes from, told once for every limit and log."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  an address, not a place to listen: all who have none share its limits


def client_ip(request: HttpRequest) -> str:
    """The client's address: what the outermost of our own TRUSTED_PROXIES saw, else the connection's end.

    Whatever a client itself writes into the forwarding header stands further left and is never read.
    """
    hops = settings.TRUSTED_PROXIES
    forwarded = request.headers.get("x-forwarded-for", "").split(",")
    told = forwarded[-hops] if 0 < hops <= len(forwarded) else ""
    return _address(told) or _address(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None
