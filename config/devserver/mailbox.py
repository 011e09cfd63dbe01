"""The mailbox page: reads on screen what the studio would have mailed (only where LOCAL_MAILBOX is on)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

SHOWN = 100
_SEPARATOR = b"\n" + b"-" * 79 + b"\n"  # what Django's file backend writes after each mail


@dataclass(frozen=True)
class Mail:
    """One mail as it was sent; `key` names it in addresses."""

    key: str
    subject: str
    sender: str
    recipients: str
    sent: datetime | None
    text: str


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """List the latest mails, newest first."""
    return render(request, "mailbox/inbox.html", {"mails": list(islice(_mails(), SHOWN))})


@require_safe
def message(request: HttpRequest, key: str) -> HttpResponse:
    """Show one mail's text."""
    for mail in _mails():
        if mail.key == key:
            return render(request, "mailbox/message.html", {"mail": mail})
    raise Http404


def _mails() -> Iterator[Mail]:
    """Read the mails, newest first; files that meanwhile went away are passed over."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return
    files = sorted(folder.glob("*.log"), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    for file in files:
        parts = file.read_bytes().split(_SEPARATOR)[:-1]
        for number, raw in reversed(list(enumerate(parts, 1))):
            yield _read(f"{file.stem}-{number}", raw)


def _read(key: str, raw: bytes) -> Mail:
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(preferencelist=("plain",))
    date = mail["Date"]
    return Mail(
        key=key,
        subject=str(mail["Subject"] or ""),
        sender=str(mail["From"] or ""),
        recipients=str(mail["To"] or ""),
        sent=parsedate_to_datetime(str(date)) if date else None,
        text=body.get_content() if body else "",
    )


app_name = "mailbox"
urlpatterns = [
    path("", inbox, name="inbox"),
    path("<slug:key>/", message, name="message"),
]
