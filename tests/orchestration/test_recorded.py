"""The landing page's recording shows the journal as the history does."""

import pytest
from django.core.management import call_command

from orchestration import recorded
from orchestration.management.commands.record_example import recording
from orchestration.models import Session


def test_each_line_has_the_balance_after_it():
    lines = recorded.example()["statement"]
    balance = lines[0]["balance"]
    for line in lines[1:]:
        balance += 0 if line["held"] else line["amount"]
        assert line["balance"] == balance


@pytest.mark.django_db(transaction=True)
def test_recording_again_gives_the_same_statement():
    call_command("seed_demo", verbosity=0)
    made = recording(Session.objects.get())["statement"]
    kept = recorded.example()["statement"]
    assert [line | {"at": None} for line in made] == [line | {"at": None} for line in kept]
