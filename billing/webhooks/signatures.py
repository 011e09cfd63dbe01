"""Tells whether a delivery is Stripe's: its signature."""

import hmac
from hashlib import sha256

SCHEME = "v1"


def is_genuine(*, body: bytes, header: str, secret: str, at: float, tolerance: float) -> bool:
    """Tell whether `body` was signed with `secret` within `tolerance` seconds of `at`, before or after.

    While a secret is being replaced Stripe signs with both, and one of the signatures has to fit. Whatever
    else stands in `header` is no signature; nothing in it raises.
    """
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    if not secret or len(stamps) != 1 or not _is_near(stamps[0], at, tolerance):
        return False
    signed = stamps[0].encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, sha256).hexdigest().encode()
    return any(
        hmac.compare_digest(expected, value.encode("utf-8", "replace"))
        for name, _, value in pairs
        if name == SCHEME
    )


def _is_near(stamp: str, at: float, tolerance: float) -> bool:
    """Whether it is neither long ago nor far ahead; the SDK's own check would take the latter."""
    return stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and abs(at - int(stamp)) <= tolerance
