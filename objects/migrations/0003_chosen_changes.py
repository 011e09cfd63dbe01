"""A version may be a choice among the changes of another, with how many of them were kept."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("objects", "0002_current_version_exists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="documentversion",
            name="objects_documentversion_cause_known",
        ),
        migrations.AddField(
            model_name="documentversion",
            name="changes_kept",
            field=models.IntegerField(blank=True, help_text="Of a choice: the changes taken over", null=True),
        ),
        migrations.AddField(
            model_name="documentversion",
            name="changes_offered",
            field=models.IntegerField(blank=True, help_text="Of a choice: how many there were", null=True),
        ),
        migrations.AlterField(
            model_name="documentversion",
            name="cause",
            field=models.CharField(
                choices=[
                    ("created", "Created"),
                    ("imported", "Imported"),
                    ("autosave", "Autosaved"),
                    ("save", "Saved"),
                    ("agent", "Written by an agent"),
                    ("restore", "Restored"),
                    ("merge", "Merged"),
                    ("choice", "Changes chosen"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="documentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cause__in",
                        ["created", "imported", "autosave", "save", "agent", "restore", "merge", "choice"],
                    )
                ),
                name="objects_documentversion_cause_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cause", "choice"),
                        ("changes_kept__gte", 0),
                        ("changes_kept__isnull", False),
                        ("changes_kept__lt", models.F("changes_offered")),
                        ("changes_offered__isnull", False),
                    ),
                    models.Q(
                        models.Q(("cause", "choice"), _negated=True),
                        ("changes_kept", None),
                        ("changes_offered", None),
                    ),
                    _connector="OR",
                ),
                name="objects_documentversion_choice_counted",
            ),
        ),
    ]
