"""Switching notices on and off, by kind and channel."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from accounts.notifications.kinds import RULES, Channel, Kind
from accounts.preferences import Preferences, parse
from accounts.services.profile import replace_preferences

Switch = tuple[Kind, Channel]


@transaction.atomic
def switch_notices(*, user: User, switches: Mapping[Switch, bool]) -> Preferences:
    """Switch what is named on or off, and keep every other preference.

    A switch that stands already as it shall is not written: it goes on following its default. Raises
    Invalid for one that is always on, and changes nothing then.
    """
    current = User.objects.select_for_update(no_key=True).only("chosen_preferences").get(pk=user.pk)
    standing = parse(current.chosen_preferences)
    document = {**current.chosen_preferences}
    chosen = {kind: {**ways} for kind, ways in document.get("notifications", {}).items()}
    for (kind, channel), on in switches.items():
        if standing.wants(kind, channel) != on:
            chosen.setdefault(kind.value, {})[channel.value] = on
    if chosen:
        document["notifications"] = chosen
    return replace_preferences(user=user, document=document)


def end_mails(*, user: User, kind: Kind) -> None:
    """Send `user` no more mails of `kind`; what is on the page stays there. Again is the same."""
    switch_notices(user=user, switches={(kind, Channel.EMAIL): False})


def open_switches() -> list[Switch]:
    """Return every switch that may be turned."""
    return [(kind, way) for kind, rule in RULES.items() for way in Channel if way not in rule.locked]
