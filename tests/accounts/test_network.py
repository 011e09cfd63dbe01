"""Where a request comes from (S04)."""

import pytest

from config.common.network import UNKNOWN, client_ip


@pytest.mark.parametrize(
    ("hops", "forwarded", "connected", "seen"),
    [
        (0, None, "192.0.2.1", "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "192.0.2.1", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 198.51.100.1", "192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1", "192.0.2.1"),
        (1, "not-an-ip", "192.0.2.1", "192.0.2.1"),
        (1, "", "192.0.2.1", "192.0.2.1"),
        (1, " 2001:db8::1 ", "192.0.2.1", "2001:db8::1"),
        (0, None, "", UNKNOWN),
        (1, "x" * 10_000, "", UNKNOWN),
    ],
)
def test_client_ip(rf, settings, hops, forwarded, connected, seen):
    settings.TRUSTED_PROXIES = hops
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert client_ip(rf.get("/", headers=headers, REMOTE_ADDR=connected)) == seen
