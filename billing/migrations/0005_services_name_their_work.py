"""Name the work of the services that are sold: so far each is called as its product is."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_stripe_ids_and_requests"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE billing_product SET service = code WHERE credits IS NULL;",
            "UPDATE billing_product SET service = '';",
        ),
    ]
