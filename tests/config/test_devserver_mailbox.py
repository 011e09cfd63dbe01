"""The mailbox page shows what would have been mailed, and nothing else."""

from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from django.test import Client

pytestmark = pytest.mark.urls("tests.support.mailbox_urls")


@pytest.fixture(autouse=True)
def _folder(settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


def test_inbox_empty_says_what_to_do(client: Client) -> None:
    assert "No mail yet" in client.get("/mailbox/").text


def test_inbox_lists_newest_first_and_opens_a_mail(client: Client) -> None:
    send_mail("First", "one", "studio@example.com", ["alice@example.com"])
    send_mail("Zweite Nachricht – ü", "Open http://localhost:8000/verify/abc/ now", None, ["bob@example.com"])
    page = client.get("/mailbox/").text
    assert 0 < page.index("Zweite Nachricht – ü") < page.index("First")
    mails = client.get("/mailbox/").context["mails"]
    mail = client.get(f"/mailbox/{mails[0].key}/").text
    assert '<a href="http://localhost:8000/verify/abc/"' in mail
    assert "bob@example.com" in mail


def test_message_shows_text_not_markup(client: Client) -> None:
    mail = EmailMultiAlternatives("<b>Hi</b>", "<script>alert(1)</script>", None, ["alice@example.com"])
    mail.attach_alternative("<p>the other part</p>", "text/html")
    mail.send()
    key = client.get("/mailbox/").context["mails"][0].key
    page = client.get(f"/mailbox/{key}/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>Hi</b>" not in page
    assert "the other part" not in page


@pytest.mark.parametrize("key", ["nothing-1", "..%2F..%2Fsecret"])
def test_message_unknown_is_missing(client: Client, key: str) -> None:
    assert client.get(f"/mailbox/{key}/").status_code == 404
