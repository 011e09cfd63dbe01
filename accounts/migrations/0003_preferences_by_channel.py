"""Turns the switches of notices from one for each topic into one for each kind and channel."""

from django.db import migrations

KINDS = {
    "payment": ["payment_succeeded"],
    "quota": ["quota_80", "quota_100"],
    "mention": ["comment_mention"],
    **{
        kind: [kind]
        for kind in (
            "credits_low",
            "run_finished",
            "run_paused",
            "run_failed",
            "export_ready",
            "share_received",
        )
    },
}
"""The kinds of each old topic; a topic that may no longer be switched off has none."""


def _rewrite(apps, change):
    User = apps.get_model("accounts", "User")
    for user in User.objects.filter(chosen_preferences__has_key="notifications").iterator():
        chosen = user.chosen_preferences
        chosen["notifications"] = change(chosen["notifications"])
        User.objects.filter(pk=user.pk).update(chosen_preferences=chosen)


def by_channel(apps, schema_editor):
    def change(old):
        return {
            kind: {"in_app": on, "email": on} for topic, on in old.items() for kind in KINDS.get(topic, [])
        }

    _rewrite(apps, change)


def by_topic(apps, schema_editor):
    def change(new):
        return {
            topic: any(
                new[kind].get(channel) is not False for kind in kinds for channel in ("in_app", "email")
            )
            for topic, kinds in KINDS.items()
            if all(kind in new for kind in kinds)
        }

    _rewrite(apps, change)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_notifications")]

    operations = [migrations.RunPython(by_channel, by_topic)]
