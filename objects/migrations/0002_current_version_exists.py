"""A document's current version is one of its versions: the database holds it to that at every commit."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("objects", "0001_projects_and_documents")]

    operations = [
        migrations.RunSQL(
            sql="""
                alter table objects_document add constraint objects_document_current_version_exists
                foreign key (narrativeobject_ptr_id, current_number)
                references objects_documentversion (document_id, number)
                deferrable initially deferred
            """,
            reverse_sql="alter table objects_document drop constraint objects_document_current_version_exists",
        )
    ]
