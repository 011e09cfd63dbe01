"""What followers are told of a turn's text is its visible text."""

import json

import pytest

from config.common.valkey import connection
from orchestration.models import Turn
from orchestration.streaming import keys
from tests.support.providers import by_role
from tests.support.sessions import drive, started


@pytest.mark.parametrize("answer", ["Short, and untagged.", "<document>The sea was cal</docu", "Two <summ"])
def test_words_that_might_have_become_a_tag_are_told_at_the_end(author, models, answer) -> None:
    models.script = by_role(writer=answer)
    session = drive(started(author, roles=("writer",)))
    told = [
        json.loads(fields[b"d"])["text"]
        for _, fields in connection().xrange(keys.events(session.pk))
        if fields[b"k"] == b"token"
    ]
    assert "".join(told) == Turn.objects.get().text != ""
