"""What people call the models that the usage log names."""

from django.db.models import OuterRef, Subquery

from billing.models import ModelPrice

MODEL_NAME = Subquery(ModelPrice.objects.filter(name=OuterRef("model")).values("label")[:1])
"""The name that the catalogue gives a usage row's model; null where it no longer lists it."""
