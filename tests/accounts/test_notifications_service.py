"""Telling a user something: once for each cause, by the channels they left on (A5)."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, connection
from django.db.models.functions import Now

from accounts.models import Delivery, Notification
from accounts.notifications import Channel, Kind
from accounts.notifications.kinds import GROUPS, RULES
from accounts.services import notices
from accounts.services.notifications import notify
from accounts.services.profile import replace_preferences
from accounts.services.switches import end_mails, switch_notices
from accounts.services.verification import announce
from accounts.tasks import prune
from config.common.errors import Invalid, Missing
from tests.support.people import open_account

DONE = {
    "kind": "run_finished",
    "cause": "s1:1",
    "title": "“Harbour” is done",
    "body": "Three rounds. Read what became of it.",
    "url": "/sessions/1/",
}


def told(user, **fields):
    return notify(user=user, **{**DONE, **fields})


def page_of(user) -> list[str]:
    """The kinds on the user's page, the welcome apart."""
    return list(Notification.objects.shown_to(user).exclude(kind=Kind.WELCOME).values_list("kind", flat=True))


def is_mailed(notice) -> bool:
    return Delivery.objects.filter(notification=notice).exists()


class TestTelling:
    def test_a_notice_is_shown_and_mailed(self, alice):
        notice = told(alice, data={"session": "s1"})
        assert page_of(alice) == ["run_finished"]
        assert (notice.title, notice.url, notice.data) == (DONE["title"], DONE["url"], {"session": "s1"})
        assert (notice.delivery.state, notice.delivery.attempts, notice.read_at) == ("pending", 0, None)

    def test_one_cause_is_told_once(self, alice, bob):
        first = told(alice)
        assert told(alice, title="Again") is None
        assert told(alice, cause="s1:2") is not None
        assert told(alice, kind="run_failed") is not None
        assert told(bob) is not None
        first.refresh_from_db()
        assert first.title == DONE["title"]
        assert Notification.objects.filter(user=alice, cause="s1:1", kind="run_finished").count() == 1

    def test_an_unknown_kind_is_a_mistake_of_the_caller(self, alice):
        with pytest.raises(ValueError, match="gossip"):
            told(alice, kind="gossip")

    @pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", "sessions/"])
    def test_a_notice_leads_nowhere_else(self, alice, url):
        with pytest.raises(ValueError, match="path of the studio"):
            told(alice, url=url)
        assert page_of(alice) == []

    def test_a_long_title_is_cut_and_stands_on_one_line(self, alice):
        notice = told(alice, title=f"One\r\nBcc: everybody@example.com {'x' * 200}", body="y" * 3000)
        assert notice.title.startswith("One Bcc: everybody@example.com x")
        assert (len(notice.title), notice.title[-1]) == (160, "…")
        assert len(notice.body) == 2000

    def test_nobody_is_mailed_at_an_address_that_is_not_proven(self, db):
        ann = open_account("ann", verified=False)
        assert not is_mailed(told(ann))
        assert page_of(ann) == ["run_finished"]


class TestSwitches:
    @pytest.mark.parametrize("channel", list(Channel))
    def test_a_channel_that_is_off_is_left_out(self, alice, channel):
        switch_notices(user=alice, switches={(Kind.RUN_FINISHED, channel): False})
        notice = told(alice)
        assert is_mailed(notice) == (channel != Channel.EMAIL)
        assert page_of(alice) == ([] if channel == Channel.IN_APP else ["run_finished"])

    def test_what_is_off_everywhere_counts_as_told(self, alice):
        off = {(Kind.RUN_FINISHED, channel): False for channel in Channel}
        switch_notices(user=alice, switches=off)
        assert told(alice) is not None
        switch_notices(user=alice, switches=dict.fromkeys(off, True))
        assert told(alice) is None
        assert page_of(alice) == []
        assert not Delivery.objects.exclude(notification__kind=Kind.WELCOME).exists()

    def test_a_kind_has_its_own_default(self, alice):
        assert not is_mailed(told(alice, kind="export_ready"))
        switch_notices(user=alice, switches={(Kind.EXPORT_READY, Channel.EMAIL): True})
        assert is_mailed(told(alice, kind="export_ready", cause="s1:2"))

    def test_only_what_differs_from_what_stands_is_stored(self, alice):
        switch_notices(
            user=alice,
            switches={
                (Kind.RUN_FINISHED, Channel.EMAIL): False,
                (Kind.RUN_FINISHED, Channel.IN_APP): True,
                (Kind.QUOTA_80, Channel.EMAIL): True,
            },
        )
        alice.refresh_from_db()
        assert alice.chosen_preferences == {"notifications": {"run_finished": {"email": False}}}

    def test_other_preferences_stay(self, alice):
        replace_preferences(user=alice, document={"theme": "dark"})
        end_mails(user=alice, kind=Kind.QUOTA_80)
        end_mails(user=alice, kind=Kind.QUOTA_80)
        assert alice.chosen_preferences == {
            "theme": "dark",
            "notifications": {"quota_80": {"email": False}},
        }

    @pytest.mark.parametrize("kind", [kind for kind, rule in RULES.items() if rule.locked])
    def test_what_is_always_told_cannot_be_switched_off(self, alice, kind):
        for channel in RULES[kind].locked:
            with pytest.raises(Invalid) as refused:
                switch_notices(user=alice, switches={(kind, channel): False})
            assert list(refused.value.details["fields"]) == [f"notifications.{kind}.{channel}"]
        alice.refresh_from_db()
        assert alice.chosen_preferences == {}

    def test_a_stored_switch_of_what_is_always_told_has_no_effect(self, alice):
        alice.chosen_preferences = {"notifications": {"payment_failed": {"email": False, "in_app": False}}}
        notice = told(alice, kind="payment_failed")
        assert notice.in_app
        assert is_mailed(notice)

    def test_every_kind_but_the_welcome_and_what_operators_are_told_is_on_the_page_of_switches(self):
        assert set(RULES) == set(Kind)
        shown = [kind for *_, kinds in GROUPS for kind in kinds]
        assert sorted(shown) == sorted(set(Kind) - {Kind.WELCOME, Kind.STUDIO_NEEDS_YOU})


class TestWelcome:
    def welcomes(self, user):
        return list(Notification.objects.shown_to(user).filter(kind=Kind.WELCOME))

    def test_an_account_is_welcomed_on_opening_and_mailed_once_its_address_is_proven(self, db):
        ann = open_account("ann", verified=False)
        (notice,) = self.welcomes(ann)
        assert not is_mailed(notice)
        announce(user=ann)
        assert not is_mailed(notice)
        EmailAddress.objects.filter(user=ann).update(verified=True)
        for _ in range(2):
            announce(user=ann)
        assert Delivery.objects.get().notification == notice
        assert len(self.welcomes(ann)) == 1

    def test_another_address_is_not_welcomed_again(self, alice):
        alice.email = "new@example.com"
        alice.save()
        EmailAddress.objects.filter(user=alice).update(email=alice.email)
        announce(user=alice)
        assert (len(self.welcomes(alice)), Delivery.objects.count()) == (1, 1)


class TestReading:
    def test_one_is_marked_once(self, alice):
        notice = told(alice)
        read = notices.mark_read(user=alice, notification_id=notice.pk)
        assert read.read_at is not None
        assert notices.mark_read(user=alice, notification_id=notice.pk).read_at == read.read_at

    def test_another_users_notice_is_not_there(self, alice, charlie):
        notice = told(alice)
        with pytest.raises(Missing):
            notices.mark_read(user=charlie, notification_id=notice.pk)
        assert notices.mark_all_read(user=charlie) == 1, "charlie's own welcome"
        notice.refresh_from_db()
        assert notice.read_at is None

    def test_all_are_marked(self, alice):
        told(alice)
        assert notices.unread_count(alice) == 2
        assert notices.mark_all_read(user=alice) == 2
        assert (notices.unread_count(alice), notices.mark_all_read(user=alice)) == (0, 0)

    def test_the_count_is_one_query_by_its_index_and_stops_at_a_hundred(
        self, alice, django_assert_num_queries
    ):
        Notification.objects.bulk_create(
            Notification(user=alice, kind="quota_80", cause=str(number), title="t", body="b")
            for number in range(120)
        )
        Notification.objects.bulk_create(
            Notification(user=alice, kind="quota_100", cause=str(n), title="t", body="b", read_at=Now())
            for n in range(1000)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE accounts_notification")
        with django_assert_num_queries(1):
            assert notices.unread_count(alice) == 100
        assert "accounts_notification_unread" in Notification.objects.shown_to(alice).unread().explain()

    def test_old_ones_are_forgotten_once_read(self, alice):
        long_ago, lately = Now() - timedelta(days=91), Now() - timedelta(days=89)
        kept = [told(alice, cause="unread"), told(alice, cause="lately")]
        gone = [told(alice, cause="read"), told(alice, cause="by mail alone")]
        rows = Notification.objects
        rows.filter(cause="unread").update(created_at=long_ago)
        rows.filter(cause="lately").update(created_at=long_ago, read_at=lately)
        rows.filter(cause="read").update(created_at=long_ago, read_at=long_ago)
        rows.filter(cause="by mail alone").update(created_at=long_ago, in_app=False)
        prune()
        assert set(rows.exclude(kind=Kind.WELCOME)) == set(kept)
        assert not Delivery.objects.filter(notification__in=[notice.pk for notice in gone]).exists()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("accounts_notification_known_kind", {"kind": "gossip"}),
        ("accounts_notification_worded", {"title": ""}),
        ("accounts_notification_worded", {"body": ""}),
        ("accounts_notification_worded", {"cause": ""}),
        ("accounts_notification_leads_home", {"url": "//elsewhere.example/"}),
        ("accounts_notification_leads_home", {"url": "javascript:alert(1)"}),
        ("accounts_notification_one_per_cause", {"kind": "welcome", "cause": "account"}),
    ],
)
def test_the_database_refuses_what_is_no_notice(alice, name, wrong):
    notice = told(alice)
    with pytest.raises(IntegrityError, match=name):
        Notification.objects.filter(pk=notice.pk).update(**wrong)
