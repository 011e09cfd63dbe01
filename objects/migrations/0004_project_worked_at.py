"""When each project was last worked on; which ones a smaller plan leaves writable goes by it."""

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Greatest

import config.common.clock


def take_from_changes(apps: Any, schema_editor: Any) -> None:
    """Take the last change of the project or of anything in it."""
    project, kept = apps.get_model("objects", "Project"), apps.get_model("objects", "NarrativeObject")
    contents = kept.objects.filter(project=OuterRef("pk")).order_by().values("project")
    newest = Subquery(contents.annotate(at=Max("updated_at")).values("at"))
    project.objects.update(worked_at=Greatest("updated_at", newest))  # PostgreSQL passes over NULL


class Migration(migrations.Migration):
    dependencies = [
        ("objects", "0003_chosen_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="worked_at",
            field=models.DateTimeField(
                default=config.common.clock.now,
                help_text="When it, or a document in it, was last changed by work",
            ),
        ),
        migrations.AddIndex(
            model_name="project",
            index=models.Index(fields=["owner", "-worked_at"], name="objects_project_owner_worked"),
        ),
        migrations.RunPython(take_from_changes, migrations.RunPython.noop),
    ]
