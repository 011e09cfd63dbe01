"""Which agents, on which texts, credits were spent: a real run, from the journal."""

import pytest

from credits.dashboard import usage_in
from tests.support.providers import by_role, editor_answer
from tests.support.sessions import drive, started

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sound")]


def test_a_run_is_divided_to_the_credit(author, models):
    models.script = by_role(style_editor=editor_answer("the sea"))
    session = drive(started(author, max_rounds=2))
    usage = usage_in(author)
    assert session.spent > 0
    assert usage.spent == session.spent
    assert {share.label: share.credits for share in usage.agents} == {
        label: credits for label, credits in by_label(session).items() if credits
    }
    assert [(share.label, share.credits) for share in usage.texts] == [
        (session.document.title, session.spent)
    ]
    assert [share.credits for share in usage.models] == [session.spent]


def by_label(session):
    """What the session's turns say they cost, by agent."""
    found = {}
    for turn in session.turns.select_related("role"):
        name = turn.role.get_role_display()
        found[name] = found.get(name, 0) + turn.credits
    return found
