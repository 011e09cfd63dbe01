"""A product is a pack of credits or a service, never both or neither."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_services_name_their_work"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credits__isnull", False), ("includes_credits", 0), ("service", "")),
                    models.Q(
                        ("credits__isnull", True),
                        ("includes_credits__gte", 0),
                        models.Q(("service", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="billing_product_pack_or_service",
            ),
        ),
    ]
