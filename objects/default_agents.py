"""The team a project proposes for its sessions: a list of seats, checked key by key."""

from typing import Any

from django.core.exceptions import ValidationError

MAX_SEATS = 8
_TEXT_LIMITS = {"role": 40, "provider": 40, "model": 80, "instructions": 4000, "criteria": 2000}


def validate_default_agents(value: Any) -> None:
    """Raise ValidationError unless `value` is a list of seats: a role, and optionally how it is filled.

    Which roles and models exist is checked where a session is made from it; here only the shape.
    """
    if not isinstance(value, list) or len(value) > MAX_SEATS:
        raise ValidationError(f"Default agents are a list of at most {MAX_SEATS} seats.")
    for number, seat in enumerate(value, start=1):
        _check_seat(number, seat)


def _check_seat(number: int, seat: Any) -> None:
    """Raise ValidationError that names the seat and the key."""
    if not isinstance(seat, dict) or not seat.get("role"):
        raise ValidationError(f"Seat {number} needs a role.")
    for key, text in seat.items():
        if key not in _TEXT_LIMITS:
            raise ValidationError(f"Seat {number}: there is no setting called “{str(key)[:40]}”.")
        if not isinstance(text, str) or len(text) > _TEXT_LIMITS[key]:
            raise ValidationError(f"Seat {number}: {key} is text of at most {_TEXT_LIMITS[key]} characters.")
