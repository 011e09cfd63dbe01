"""A reader whose connection breaks at any byte misses nothing and hears nothing twice."""

import random

import pytest

from tests.faults.clients import Client, as_program, assert_saw_every_word
from tests.faults.runs import begin, writers


def test_streams_survive_twenty_cuts(unhurried, dice: random.Random) -> None:
    _cut(unhurried, dice, cuts=20, clients=2)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_streams_survive_two_hundred_cuts(unhurried, dice: random.Random) -> None:
    _cut(unhurried, dice, cuts=200, clients=3)


def _cut(stack, dice: random.Random, *, cuts: int, clients: int) -> None:
    """Follow runs with so many clients, each of its own writer, until so many connections were cut."""
    owners = writers(clients)
    done = turns = events = 0
    while done < cuts:
        share = -(-(cuts - done) // clients)
        followed = [
            Client(stack.url, begin(owner), as_program(owner), cuts=share, dice=dice) for owner in owners
        ]
        for client in followed:
            page = client.result(60)
            assert page.snapshots == 1
            assert_saw_every_word(page, client.session)
            done += share - client.cuts
            turns, events = turns + len(page.finished), events + len(page.events)
    print(f"{done} cuts, {turns} turns, {events} events: every text equal to the byte")
