"""The mail of a notice: what it says, where it leads, how it ends mails of its kind."""

import re

import pytest
from django.core import mail

from accounts.notifications import Channel, Kind
from accounts.notifications.mail import message_for
from accounts.notifications.unsubscribing import read_token, token_for
from accounts.services.notifications import notify

URL = "/sessions/7/"


def build(user, kind="run_finished", **fields):
    notice = notify(
        user=user,
        kind=kind,
        cause="c",
        title=fields.pop("title", "“Harbour” is done"),
        body=fields.pop("body", "All 3 rounds are done."),
        url=fields.pop("url", URL),
    )
    return message_for(notice)


def html_of(message) -> str:
    return message.alternatives[0].content


def test_it_says_one_thing_in_text_and_html(alice, settings):
    settings.SITE_URL = "https://studio.example"
    message = build(alice)
    assert (message.subject, message.to) == ("“Harbour” is done", ["alice@example.com"])
    assert message.body == (
        "“Harbour” is done\n\nAll 3 rounds are done.\n\nhttps://studio.example/sessions/7/\n\n"
        "Not worth a mail? Choose what is mailed to you:\n"
        "https://studio.example/settings/notifications/\n\nAtelier\n"
    )
    html = html_of(message)
    assert '<a href="https://studio.example/sessions/7/">Read the result</a>' in html
    assert '<a href="https://studio.example/settings/notifications/">Choose what is mailed to you</a>' in html
    assert "color-scheme" in html


def test_a_writers_words_are_text_in_it(alice):
    html = html_of(build(alice, title="<b>Bold</b> & more", body='<img src="x">'))
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; more" in html
    assert "<img" not in html


def test_without_a_place_to_go_it_has_no_button(alice):
    message = build(alice, url="")
    assert "Read the result" not in html_of(message)
    assert "sessions" not in message.body


def test_its_headers(alice, settings):
    settings.SITE_URL = "https://studio.example"
    settings.DEFAULT_FROM_EMAIL = "Atelier <desk@studio.example>"
    sent = build(alice).message()
    assert re.fullmatch(r"<notice-[0-9a-f]{32}@studio\.example>", sent["Message-ID"])
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.fullmatch(
        r"<https://studio\.example/notifications/unsubscribe/([^/>]+)/>", sent["List-Unsubscribe"]
    )
    assert read_token(link[1]) == (alice, Kind.RUN_FINISHED)


def test_what_is_always_mailed_has_no_way_out(alice):
    message = build(alice, kind="payment_failed")
    assert "List-Unsubscribe" not in message.message()
    assert "This is always mailed." in message.body


def test_every_attempt_bears_the_same_name(alice):
    message = build(alice)
    again = message_for(alice.notifications.get(kind="run_finished"))
    assert message.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]


class TestUnsubscribing:
    def address(self, user, kind=Kind.RUN_FINISHED):
        return f"/notifications/unsubscribe/{token_for(user=user, kind=kind)}/"

    def test_one_click_ends_mails_of_the_kind_and_nothing_else(self, alice, client):
        client.handler.enforce_csrf_checks = True
        answer = client.post(self.address(alice), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        alice.refresh_from_db()
        assert not alice.preferences.wants(Kind.RUN_FINISHED, Channel.EMAIL)
        assert alice.preferences.wants(Kind.RUN_FINISHED, Channel.IN_APP)
        assert alice.preferences.wants(Kind.RUN_FAILED, Channel.EMAIL)

    def test_opening_the_link_only_asks(self, alice, client):
        page = client.get(self.address(alice)).content.decode()
        assert "Stop these mails?" in page
        assert "A session is done" in page
        assert alice.email not in page
        alice.refresh_from_db()
        assert alice.chosen_preferences == {}

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_forged_link_is_no_page(self, alice, client, method):
        whole = self.address(alice)
        for wrong in (whole[:-3] + "xx/", "/notifications/unsubscribe/x/"):
            assert getattr(client, method)(wrong).status_code == 404
        alice.refresh_from_db()
        assert alice.chosen_preferences == {}

    def test_what_is_always_mailed_cannot_be_ended_by_a_link(self, alice, client):
        assert client.post(self.address(alice, Kind.PAYMENT_FAILED)).status_code == 404

    def test_the_link_of_a_deleted_account_is_no_page(self, alice, client):
        address = self.address(alice)
        alice.delete()
        assert client.post(address).status_code == 404


def test_django_mails_it_as_it_is(alice):
    build(alice).send()
    assert mail.outbox[0].subject == "“Harbour” is done"
