"""The bell, the list, the switches, the API and the outbox for operators."""

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import Delivery, Notification, User
from accounts.notifications import Channel, Kind
from accounts.services import notices
from accounts.services.notifications import notify
from accounts.services.switches import open_switches

LIST = "/notifications/"
SWITCHES = "/settings/notifications/"
API = "/api/v1/users/me/notifications"
OUTBOX = "/admin/accounts/delivery/"


def tell(user, number=1, **fields):
    words = {"kind": "run_finished", "title": f"“Harbour {number}” is done", "body": "Read the result."}
    return notify(user=user, cause=str(number), **{"url": "/sessions/", **words, **fields})


@pytest.fixture
def alice(alice):
    notices.mark_all_read(user=alice)  # the welcome
    Delivery.objects.all().delete()
    return alice


class TestBell:
    def test_it_counts_what_is_unread_on_every_page(self, alice, client_for):
        client = client_for(alice)
        assert 'aria-label="Notifications"' in client.get("/settings/").content.decode()
        tell(alice)
        page = client.get("/settings/").content.decode()
        assert 'aria-label="Notifications, 1 unread"' in page

    def test_many_are_not_counted_out(self, alice, client_for):
        for number in range(100):
            tell(alice, number)
        assert "99+" in client_for(alice).get("/settings/").content.decode()

    def test_it_answers_only_where_something_is_new(self, alice, client_for):
        client = client_for(alice)
        assert client.get("/notifications/bell/?seen=0").status_code == 204
        tell(alice)
        answer = client.get("/notifications/bell/?seen=0")
        assert "?seen=1" in answer.content.decode()
        assert client.get("/notifications/bell/?seen=1").status_code == 204


class TestList:
    def test_newest_stands_first_with_where_it_leads(self, alice, bob, client_for):
        first, second = tell(alice, 1), tell(alice, 2)
        tell(bob, 3)
        page = client_for(alice).get(LIST).content.decode()
        assert page.index("Harbour 2") < page.index("Harbour 1")
        assert f'action="/notifications/{second.pk}/open/"' in page
        assert f'action="/notifications/{first.pk}/read/"' in page
        assert "Harbour 3" not in page

    def test_unread_alone(self, alice, client_for):
        notices.mark_read(user=alice, notification_id=tell(alice, 1).pk)
        tell(alice, 2)
        page = client_for(alice).get(f"{LIST}?show=unread").content.decode()
        assert "Harbour 2" in page
        assert "Harbour 1" not in page

    def test_nothing_unread_says_so(self, alice, client_for):
        assert "Nothing is unread." in client_for(alice).get(f"{LIST}?show=unread").content.decode()

    def test_nothing_at_all_shows_the_first_step(self, alice, client_for):
        Notification.objects.all().delete()
        page = client_for(alice).get(LIST).content.decode()
        assert "Nothing to tell yet" in page
        assert 'href="/studio/"' in page

    def test_opening_one_marks_it_and_goes_there(self, alice, client_for):
        notice = tell(alice)
        answer = client_for(alice).post(f"{LIST}{notice.pk}/open/")
        assert (answer.status_code, answer.url) == (302, "/sessions/")
        notice.refresh_from_db()
        assert notice.read_at is not None

    def test_marking_one_stays_where_one_was(self, alice, client_for):
        notice = tell(alice)
        answer = client_for(alice).post(f"{LIST}{notice.pk}/read/", {"show": "unread"})
        assert answer.url == f"{LIST}?show=unread"
        assert notices.unread_count(alice) == 0

    def test_marking_all(self, alice, client_for):
        tell(alice, 1), tell(alice, 2)
        client = client_for(alice)
        assert "Mark all as read" in client.get(LIST).content.decode()
        assert client.post(f"{LIST}read/").url == LIST
        assert notices.unread_count(alice) == 0
        assert "Mark all as read" not in client.get(LIST).content.decode()

    @pytest.mark.parametrize("verb", ["open", "read"])
    def test_a_strangers_notice_is_not_there(self, alice, charlie, client_for, verb):
        notice = tell(alice)
        assert client_for(charlie).post(f"{LIST}{notice.pk}/{verb}/").status_code == 404
        notice.refresh_from_db()
        assert notice.read_at is None

    def test_older_ones_are_on_the_next_page(self, alice, client_for):
        for number in range(35):
            tell(alice, number)
        client = client_for(alice)
        assert "?page=2" in client.get(LIST).content.decode()
        assert "“Harbour 0” is done" in client.get(f"{LIST}?page=2").content.decode()

    def test_a_writers_words_are_text(self, alice, client_for):
        tell(alice, title="<script>alert(1)</script>", body="<b>x</b>")
        page = client_for(alice).get(LIST).content.decode()
        assert "<script>alert(1)" not in page
        assert "<b>x</b>" not in page

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_same_however_long(self, alice, client_for, rows, django_assert_num_queries):
        for number in range(rows):
            tell(alice, number)
        client = client_for(alice)
        client.get(LIST)
        # the count and the rows; the shell: user, wallet, projects, unread
        with django_assert_num_queries(6):
            client.get(LIST)


class TestSwitches:
    def body(self, user, **changes: bool):
        """What the browser sends after `changes` on the page as it stands."""
        on = {f"{kind}.{way}" for kind, way in open_switches() if user.preferences.wants(kind, way)}
        changed = {name.replace("__", "."): value for name, value in changes.items()}
        names = (on | {name for name, value in changed.items() if value}) - {
            name for name, value in changed.items() if not value
        }
        return {"saved": "1", **dict.fromkeys(names, "on")}

    def test_every_switch_is_there_and_what_is_always_told_says_so(self, alice, client_for):
        page = client_for(alice).get(SWITCHES).content.decode()
        for kind, way in open_switches():
            assert f'name="{kind}.{way}"' in page
        assert 'name="payment_failed.email"' not in page
        assert "always" in page

    def test_what_is_switched_is_kept_and_nothing_else_is_chosen(self, alice, client_for):
        client = client_for(alice)
        answer = client.post(SWITCHES, self.body(alice, run_finished__email=False, export_ready__email=True))
        assert (answer.status_code, answer.url) == (302, SWITCHES)
        alice = User.objects.get(pk=alice.pk)
        assert alice.chosen_preferences == {
            "notifications": {"run_finished": {"email": False}, "export_ready": {"email": True}}
        }
        again = client.post(SWITCHES, self.body(alice, run_finished__email=True))
        assert again.status_code == 302
        alice = User.objects.get(pk=alice.pk)
        assert alice.preferences.wants(Kind.RUN_FINISHED, Channel.EMAIL)

    def test_everything_can_be_switched_off_at_once(self, alice, client_for):
        client_for(alice).post(SWITCHES, {"saved": "1"})
        alice = User.objects.get(pk=alice.pk)
        assert not any(alice.preferences.wants(kind, way) for kind, way in open_switches())
        assert alice.preferences.wants(Kind.PAYMENT_FAILED, Channel.EMAIL)


class TestApi:
    def test_a_page_of_notices(self, alice, bob, api_for):
        notice = tell(alice, data={"session": "s1"})
        tell(bob, 2)
        answer = api_for(alice).get(API, {"unread": "true"}).json()
        assert answer == {
            "results": [
                {
                    "id": str(notice.pk),
                    "kind": "run_finished",
                    "title": notice.title,
                    "body": "Read the result.",
                    "url": "/sessions/",
                    "data": {"session": "s1"},
                    "read_at": None,
                    "created_at": answer["results"][0]["created_at"],
                }
            ],
            "next": None,
        }

    def test_the_cursor_leads_through_all_of_them_once(self, alice, api_for):
        for number in range(5):
            tell(alice, number)
        client, seen, cursor = api_for(alice), [], None
        while True:
            page = client.get(API, {"page_size": 2, **({"cursor": cursor} if cursor else {})}).json()
            seen += [row["title"] for row in page["results"]]
            if (cursor := page["next"]) is None:
                break
        assert seen == [*[f"“Harbour {number}” is done" for number in (4, 3, 2, 1, 0)], "Welcome to Atelier"]

    def test_what_is_told_by_mail_alone_is_not_listed(self, alice, api_for):
        Notification.objects.filter(user=alice).update(in_app=False)
        assert api_for(alice).get(API).json()["results"] == []

    def test_one_is_marked(self, alice, api_for):
        notice = tell(alice)
        answers = [api_for(alice).post(f"{API}/{notice.pk}/read").json() for _ in range(2)]
        assert answers[0]["read_at"] == answers[1]["read_at"] is not None

    def test_all_are_marked(self, alice, api_for):
        tell(alice, 1), tell(alice, 2)
        client = api_for(alice)
        assert client.post(f"{API}/read-all").json() == {"read": 2}
        assert client.post(f"{API}/read-all").json() == {"read": 0}

    def test_anybody_elses_is_not_found(self, alice, charlie, api_for):
        notice = tell(alice)
        refused = api_for(charlie).post(f"{API}/{notice.pk}/read")
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")
        assert api_for(None).get(API).status_code == 401

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_same_however_long(self, alice, api_for, rows, django_assert_num_queries):
        for number in range(rows):
            tell(alice, number)
        client = api_for(alice)
        with django_assert_num_queries(2):  # the caller, the rows
            client.get(API)


class TestOutbox:
    def failed(self, user):
        delivery = tell(user).delivery
        Delivery.objects.filter(pk=delivery.pk).update(state="failed", next_at=None, last_error="550 no <b>")
        return delivery

    def test_it_shows_states_and_errors_and_no_words(self, operators, alice):
        self.failed(alice)
        for address in (OUTBOX, f"{OUTBOX}{Delivery.objects.get(state='failed').pk}/change/"):
            page = operators.get(address).content.decode()
            assert "alice@example.com" in page
            assert "550 no &lt;b&gt;" in page
            assert "Harbour" not in page

    def test_failed_mails_are_sent_again(self, operators, alice):
        failed, waiting = self.failed(alice), tell(alice, 2).delivery
        chosen = [failed.pk, waiting.pk]
        page = operators.post(OUTBOX, {"action": "send_again", "_selected_action": chosen}, follow=True)
        assert "1 mail will be sent again" in page.content.decode()
        failed.refresh_from_db()
        assert (failed.state, failed.handed_at) == ("pending", None)
        assert LogEntry.objects.get(object_id=str(failed.pk)).change_message == "Sent again after: 550 no <b>"

    def test_nothing_else_can_be_done_to_them(self, operators, alice):
        delivery = self.failed(alice)
        assert operators.get(f"{OUTBOX}add/").status_code == 403
        assert operators.post(f"{OUTBOX}{delivery.pk}/delete/").status_code == 403
        operators.post(f"{OUTBOX}{delivery.pk}/change/", {"state": "sent"})
        delivery.refresh_from_db()
        assert delivery.state == "failed"

    def test_staff_without_the_right_have_nothing_sent(self, alice, operators, olga):
        delivery = self.failed(alice)
        from django.contrib.auth.models import Permission

        olga.is_superuser = False
        olga.save()
        olga.user_permissions.set(Permission.objects.filter(codename="view_delivery"))
        operators.post(OUTBOX, {"action": "send_again", "_selected_action": [delivery.pk]})
        delivery.refresh_from_db()
        assert delivery.state == "failed"

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_same_however_long(self, operators, alice, rows, django_assert_num_queries):
        for number in range(rows):
            tell(alice, number)
        operators.get(OUTBOX)
        with django_assert_num_queries(4):  # session, operator, the capped count, the rows
            operators.get(OUTBOX)
