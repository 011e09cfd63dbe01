"""Telling a user something: once for each cause, by the channels they left on (A5)."""

from accounts.models import Notification
from accounts.services.notifications import notify

DONE = {
    "kind": "run_finished",
    "cause": "s1:1",
    "title": "“Harbour” is done",
    "body": "Three rounds. Read what became of it.",
    "url": "/sessions/1/",
}


def test_a_notice_is_shown_and_mailed(alice):
    notice = notify(user=alice, **DONE, data={"session": "s1"})
    assert list(alice.notifications.shown_to(alice).unread().filter(kind="run_finished")) == [notice]
    assert (notice.title, notice.url, notice.data) == (DONE["title"], DONE["url"], {"session": "s1"})
    assert notice.delivery.state == "pending"


def test_one_cause_is_told_once(alice, bob):
    assert notify(user=alice, **DONE) is not None
    assert notify(user=alice, **{**DONE, "title": "Again"}) is None
    assert notify(user=alice, **{**DONE, "cause": "s1:2"}) is not None
    assert notify(user=alice, **{**DONE, "kind": "run_failed"}) is not None
    assert notify(user=bob, **DONE) is not None
    assert Notification.objects.filter(user=alice, cause="s1:1", kind="run_finished").count() == 1
