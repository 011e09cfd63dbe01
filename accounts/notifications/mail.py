"""The mail of a notice: HTML and text, links to the thing and to the switches."""

from email.utils import parseaddr
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Notification
from accounts.notifications.kinds import RULES, Channel, Kind
from accounts.notifications.unsubscribing import token_for


def message_for(notification: Notification) -> EmailMultiAlternatives:
    """Build the mail. Its Message-ID is the notice's own: sent twice, it is one mail to its reader."""
    user, kind = notification.user, Kind(notification.kind)
    is_switchable = Channel.EMAIL not in RULES[kind].locked
    context = {
        "notification": notification,
        "action": RULES[kind].action,
        "is_switchable": is_switchable,
        "url": _absolute(notification.url) if notification.url else "",
        "switches_url": _absolute(reverse("accounts:notifications")),
    }
    message = EmailMultiAlternatives(
        subject=notification.title,
        body=f"{render_to_string('emails/notice.txt', context).strip()}\n",
        to=[user.email],
        headers={"Message-ID": message_id(notification), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("emails/notice.html", context), "text/html")
    if is_switchable:
        address = _absolute(reverse("notices:unsubscribe", args=[token_for(user=user, kind=kind)]))
        message.extra_headers["List-Unsubscribe"] = f"<{address}>"
        message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return message


def message_id(notification: Notification) -> str:
    """The name of the mail among all mails, the same at every attempt."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return f"<notice-{notification.pk.hex}@{sender.rpartition('@')[2] or 'localhost'}>"


def _absolute(path: str) -> str:
    return urljoin(settings.SITE_URL, path)
