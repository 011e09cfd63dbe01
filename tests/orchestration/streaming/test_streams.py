"""Following a session: exact to the event, for those who may, and never in anyone's way."""

import asyncio
import random
import time
from contextlib import AsyncExitStack

import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.db import OperationalError, connections
from rest_framework_simplejwt.tokens import AccessToken

from accounts.keys import make_key
from credits import bandwidth, metering
from credits.models import Metric
from orchestration.models import Turn
from orchestration.runtime import finishing, leases
from orchestration.streaming import asgi, keys
from orchestration.streaming.hub import Follower
from orchestration.streaming.publish import Fenced, TurnVoice
from tests.support.people import client_for, open_account
from tests.support.sessions import drive, on_plan, started
from tests.support.streams import cookie_of, run, stream, streams_app


@pytest.fixture
def session(author):
    return started(author, model="house", roles=("writer", "style_editor"))


@pytest.fixture
def voice(session):
    """A claimed turn that can speak."""
    turn = Turn.objects.get()
    held = leases.claim(turn_id=turn.pk, worker="test")
    finishing.begin(held, "")
    return TurnVoice(session.pk, turn.pk, held.attempt, "")


def tokens(client, turn_id=None):
    """Return the text of a turn as the client has it: the snapshots' and all tokens."""
    text = ""
    for event in client.events:
        if event.kind == "snapshot":
            text = "".join(turn.get("text", "") for turn in event.data["turns"])
        elif event.kind == "turn_started":
            text = text[: event.data["from"]]
        elif event.kind == "token":
            text += event.data["text"]
    return text


def say(voice, *words, pause=0.0):
    for word in words:
        voice.say(word)
        time.sleep(pause)


async def aside(act, *arguments):
    """Do `act` in a thread of its own, as a worker would."""

    def done():
        try:
            act(*arguments)
        finally:
            connections.close_all()

    await sync_to_async(done, thread_sensitive=False)()


def kinds(client):
    return [event.kind for event in client.events]


def test_a_snapshot_then_tokens_as_they_come(author, session, voice):
    cookie = cookie_of(author)
    say(voice, "One ")

    async def follow():
        async with streams_app() as app, stream(app, session.pk, cookie=cookie) as client:
            await client.until(lambda c: c.events)
            assert client.status == 200
            assert client.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert client.headers["cache-control"] == "no-store"
            assert client.headers["x-accel-buffering"] == "no"
            [first] = client.events
            assert first.data["session"]["status"] == "running"
            assert [turn["text"] for turn in first.data["turns"]] == ["One "]
            await sync_to_async(say)(voice, "two ", "three.")
            await client.until(lambda c: len(c.events) == 3)
            assert [event.data for event in client.events[1:]] == [
                {"turn": str(voice.turn_id), "text": "two "},
                {"turn": str(voice.turn_id), "text": "three."},
            ]
            numbers = [event.number for event in client.events]
            assert numbers == sorted(set(numbers))

    run(follow)


def test_a_cut_stream_goes_on_without_gap_or_repetition(author, session, voice):
    cookie, seed = cookie_of(author), random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    words = [f"word{number} " for number in range(300)]

    async def follow():
        text, last, cuts = "", None, 0
        async with streams_app() as app:
            writer = asyncio.create_task(
                sync_to_async(lambda: say(voice, *words, pause=0.003), thread_sensitive=False)()
            )
            while len(text) < len("".join(words)):
                async with stream(app, session.pk, cookie=cookie, last=last) as client:
                    enough = chance.randrange(1, 12)
                    await client.until(
                        lambda c, enough=enough: len(c.events) >= enough or tokens(c).endswith(words[-1])
                    )
                    for event in client.events:
                        if event.kind == "snapshot":
                            assert last is None, "a resumed stream needs no snapshot"
                            text = event.data["turns"][0]["text"]
                        elif event.kind == "token":
                            text += event.data["text"]
                        last = event.number
                    cuts += 1
            await writer
        assert text == "".join(words)
        assert cuts > 10

    run(follow)


def test_a_whole_run_is_seen_to_its_end(author, session):
    cookie = cookie_of(author)

    async def follow():
        async with streams_app() as app:
            async with stream(app, session.pk, cookie=cookie) as client:
                await client.until(lambda c: c.events)
                await aside(drive, session)
                await client.until(lambda c: c.closed)
            seen = kinds(client)
            assert seen[0] == "snapshot"
            assert seen[-1] == "done"
            assert seen.count("turn_started") == seen.count("turn_finished") == 2
            assert {"token", "credits", "status"} <= set(seen)
            assert client.events[-1].data["status"] == "completed"
            async with stream(app, session.pk, cookie=cookie) as again:
                await again.until(lambda c: c.closed)
            assert kinds(again) == ["snapshot", "done"]
            async with stream(app, session.pk, cookie=cookie, last=client.events[-1].number) as ended:
                await ended.until(lambda c: c.closed)
            assert ended.status == 204

    run(follow)


def test_an_emptied_valkey_costs_followers_nothing(author, session, voice):
    cookie = cookie_of(author)

    async def follow():
        async with streams_app() as app, stream(app, session.pk, cookie=cookie) as client:
            await client.until(lambda c: c.events)
            await sync_to_async(say)(voice, "Before ")
            await client.until(lambda c: tokens(c) == "Before ")
            with redis.Redis.from_url(django_settings.REDIS_URL) as valkey:
                valkey.flushall()
            await sync_to_async(say)(voice, "after ", "all.")
            await client.until(lambda c: tokens(c) == "Before after all.")
            assert kinds(client).count("snapshot") == 2
            last = client.events[0].number
        async with streams_app() as app, stream(app, session.pk, cookie=cookie, last=last) as again:
            await again.until(lambda c: tokens(c) == "Before after all.")
            assert kinds(again)[0] == "snapshot"

    run(follow)


def test_words_that_were_never_told_are_shown_when_another_worker_goes_on(author, session, voice):
    """The first one's last words met a broker that was away, and it died before it could say them again."""
    cookie = cookie_of(author)

    def take_over(text):
        Turn.objects.update(lease_until="2020-01-01T00:00Z", partial=f"<document>{text}")
        held = leases.claim(turn_id=voice.turn_id, worker="other")
        finishing.begin(held, text)
        say(TurnVoice(session.pk, voice.turn_id, held.attempt, text), "the end.")

    async def follow():
        async with streams_app() as app, stream(app, session.pk, cookie=cookie) as client:
            await client.until(lambda c: c.events)
            await sync_to_async(say)(voice, "Before ")
            await aside(take_over, "Before ")
            await client.until(lambda c: tokens(c) == "Before the end.")
            assert kinds(client).count("snapshot") == 1
            await aside(take_over, "Before the end. And after ")
            await client.until(lambda c: tokens(c) == "Before the end. And after the end.")
            assert kinds(client).count("snapshot") == 2

    run(follow)


def test_a_taken_over_worker_is_not_heard(session, voice):
    Turn.objects.update(lease_until="2020-01-01T00:00Z")
    held = leases.claim(turn_id=voice.turn_id, worker="other")
    finishing.begin(held, "")
    with pytest.raises(Fenced):
        voice.say("zombie")
    with pytest.raises(leases.LostLease):
        leases.renew(leases.Claim(voice.turn_id, voice.attempt, 0), partial="zombie")
    assert Turn.objects.get().partial == ""


def test_a_wish_reaches_the_worker_with_its_next_word(author, session, voice):
    from orchestration.services import pause

    assert voice.say("One ") == ""
    pause(session_id=session.pk, user=author)
    assert voice.say("two ") == "pause"


@pytest.mark.parametrize("how", ["nobody", "stranger", "unknown", "bad token", "suspended"])
def test_others_get_nothing(author, session, how):
    charlie = open_account("charlie")
    cookie = cookie_of(charlie if how == "stranger" else author) if how != "nobody" else ""
    token = "nonsense" if how == "bad token" else ""
    if how == "suspended":
        author.is_active = False
        author.save()
    target = "00000000-0000-4000-8000-000000000000" if how == "unknown" else session.pk
    expected = 404 if how in {"stranger", "unknown"} else 401

    async def follow():
        async with streams_app() as app, stream(app, target, cookie=cookie, token=token) as client:
            await client.until(lambda c: c.closed)
            assert client.status == expected
            assert b"ledger" not in client.body

    run(follow)


def test_a_program_follows_with_its_token(author, session):
    token = str(AccessToken.for_user(author))

    async def follow():
        async with streams_app() as app, stream(app, session.pk, token=token) as client:
            await client.until(lambda c: c.events)
            assert client.status == 200

    run(follow)


def _key_of(author):
    """A key of the author's for reading, on the plan that has them."""
    return make_key(user=on_plan(author, "enterprise"), name="Follower", scope="read")


def test_a_program_follows_with_its_key_until_it_is_revoked(author, session, monkeypatch):
    monkeypatch.setattr(asgi, "TICK_SECONDS", 0.2)
    made = _key_of(author)

    async def follow():
        async with streams_app() as app, stream(app, session.pk, token=made.secret) as client:
            await client.until(lambda c: c.events)
            assert client.status == 200
            await asyncio.sleep(0.5)
            assert not client.closed
            await aside(made.key.delete)
            await client.until(lambda c: c.closed, seconds=3)

    run(follow)


@pytest.mark.parametrize("how", ["unknown", "downgraded"])
def test_a_key_that_is_not_good_follows_nothing(author, session, how):
    made = _key_of(author)
    secret = f"{made.secret}x" if how == "unknown" else made.secret
    if how == "downgraded":
        on_plan(author, "pro")
    expected = (401, b"not_authenticated") if how == "unknown" else (403, b"feature_not_in_plan")

    async def follow():
        async with streams_app() as app, stream(app, session.pk, token=secret) as client:
            await client.until(lambda c: c.closed)
            assert (client.status, expected[1] in client.body) == (expected[0], True)

    run(follow)


@pytest.mark.parametrize("loss", ["signed out", "suspended", "password changed", "session gone"])
def test_a_right_that_ends_closes_the_stream(author, session, monkeypatch, loss):
    monkeypatch.setattr(asgi, "TICK_SECONDS", 0.2)
    browser = client_for(author)
    cookie = browser.cookies[django_settings.SESSION_COOKIE_NAME].value

    def lose():
        if loss == "signed out":
            browser.logout()
        elif loss == "suspended":
            type(author).objects.update(is_active=False)
        elif loss == "password changed":
            author.set_password("another long passphrase")
            author.save()
        else:
            session.delete()

    async def follow():
        async with streams_app() as app, stream(app, session.pk, cookie=cookie) as client:
            await client.until(lambda c: c.events)
            await asyncio.sleep(0.5)
            assert not client.closed
            await aside(lose)
            await client.until(lambda c: c.closed, seconds=3)
            assert len(client.events) == 1

    run(follow)


def test_rights_are_asked_for_again_after_the_database_was_away(author, session, monkeypatch):
    monkeypatch.setattr(asgi, "TICK_SECONDS", 0.2)
    asked, recheck = [], asgi.access.recheck
    browser = client_for(author)
    cookie = browser.cookies[django_settings.SESSION_COOKIE_NAME].value

    def fail_once(tickets):
        asked.append(tickets)
        if len(asked) == 1:
            raise OperationalError("terminating connection due to administrator command")
        return recheck(tickets)

    monkeypatch.setattr(asgi.access, "recheck", fail_once)

    async def follow():
        async with streams_app() as app, stream(app, session.pk, cookie=cookie) as client:
            await client.until(lambda _: asked)
            await aside(browser.logout)
            await client.until(lambda c: c.closed, seconds=3)

    run(follow)


def test_a_quiet_stream_shows_that_it_lives(author, session, monkeypatch):
    monkeypatch.setattr(asgi, "TICK_SECONDS", 0.1)
    cookie = cookie_of(author)

    async def follow():
        async with streams_app() as app, stream(app, session.pk, cookie=cookie) as client:
            await client.until(lambda c: c.body.count(b": still here") >= 2)

    run(follow)


def test_what_went_out_is_metered_while_it_goes_and_at_its_end(author, session, voice, monkeypatch):
    monkeypatch.setattr(asgi, "TICK_SECONDS", 0.1)
    cookie = cookie_of(author)

    sent = []

    async def follow():
        async with streams_app() as app, stream(app, session.pk, cookie=cookie) as client:
            await client.until(lambda c: c.body.count(b": still here") >= 3)
            metered = []
            await aside(lambda: metered.append(bytes_of(author)))
            assert metered[0] > 100
            await sync_to_async(say)(voice, "words ")
            await client.until(lambda c: tokens(c).endswith("words "))
        sent.append(len(client.body))

    run(follow)
    assert bytes_of(author) == sent[0]


def bytes_of(user):
    """Return the bytes in the log once everything is flushed; heartbeats are bytes too."""
    bandwidth.flush(usd_per_gigabyte=None)
    return metering.used(user_id=user.pk, metric=Metric.BANDWIDTH)


def test_a_change_that_was_never_told_is_noticed(author, session, monkeypatch):
    monkeypatch.setattr(asgi, "TICK_SECONDS", 0.2)
    monkeypatch.setattr("orchestration.runtime.news.announce", lambda **_: None)
    cookie = cookie_of(author)

    async def follow():
        async with streams_app() as app, stream(app, session.pk, cookie=cookie) as client:
            await client.until(lambda c: c.events)
            await aside(drive, session)
            await client.until(lambda c: c.closed, seconds=30)
            assert client.events[-1].kind == "done"

    run(follow)


def test_at_most_three_streams_a_user(author, session):
    cookie = cookie_of(author)

    async def follow():
        async with AsyncExitStack() as open_ones:
            app = await open_ones.enter_async_context(streams_app())
            for _ in range(3):
                client = await open_ones.enter_async_context(stream(app, session.pk, cookie=cookie))
                await client.until(lambda c: c.events)
            async with stream(app, session.pk, cookie=cookie) as fourth:
                await fourth.until(lambda c: c.closed)
            assert (fourth.status, fourth.headers["retry-after"]) == (429, "15")
            client.gone.set()
            await client.until(lambda c: c.closed)
            await asyncio.sleep(0.1)
            async with stream(app, session.pk, cookie=cookie) as another:
                await another.until(lambda c: c.events)
            assert another.status == 200

    run(follow)


def test_many_who_connect_at_once_share_a_few_connections(author, session, settings, monkeypatch):
    settings.STREAMS_PER_USER = 100
    cookie, clients = cookie_of(author), redis.Redis.from_url(settings.REDIS_URL)
    monkeypatch.setattr(asgi, "MOST_CONNECTIONS", 2)
    before = clients.info("clients")["connected_clients"]

    async def follow():
        async with streams_app() as app, AsyncExitStack() as stack:
            opening = [stack.enter_async_context(stream(app, session.pk, cookie=cookie)) for _ in range(40)]
            for client in await asyncio.gather(*opening):
                await client.until(lambda c: c.events)
                assert client.status == 200
            assert (
                clients.info("clients")["connected_clients"] - before <= 2 + 4
            )  # hub, and snapshots' threads

    run(follow)


def test_a_client_that_does_not_read_is_dropped(monkeypatch):
    monkeypatch.setattr("orchestration.streaming.hub.MOST_WAITING_BYTES", 2000)
    follower = Follower()
    for number in range(1, 5):
        follower.push(number, b"x" * 500)
    assert not follower.dropped
    follower.push(5, b"x")
    assert follower.dropped


def test_other_paths_go_on_to_django(author, session):
    async def follow():
        async with streams_app() as app, stream(app, "not-an-id") as client:
            await client.until(lambda c: c.closed)
            assert client.status == 299

    run(follow)


def test_keys_of_an_ended_session_go_by_themselves(author, session):
    drive(session)
    with redis.Redis.from_url(django_settings.REDIS_URL) as valkey:
        assert 0 < valkey.ttl(keys.events(session.pk)) <= keys.KEEP_ENDED_SECONDS
        assert 0 < valkey.ttl(keys.fence(session.pk)) <= keys.KEEP_ENDED_SECONDS
        assert list(valkey.scan_iter(f"run:{{{session.pk}}}:text:*")) == []


def test_event_numbers_only_grow():
    assert keys.number_of("1700000000000-7") == 1700000000000007
    assert keys.stream_id_of(1700000000000007) == "1700000000000-7"
    assert keys.number_of("1700000000001-0") > keys.number_of("1700000000000-999")


def test_a_stream_that_is_away_stops_no_worker(session, no_valkey):
    begun = time.monotonic()
    assert drive(session).status == "completed"
    assert time.monotonic() - begun < 10
