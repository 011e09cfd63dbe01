"""Notices: what a user is told, on the page and by mail."""

from accounts.notifications.kinds import Channel, Kind

__all__ = ["Channel", "Kind"]
