"""Saving a model whose fields come from a person."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models

from config.common.errors import Invalid


def save_valid(instance: models.Model, *, fields: Sequence[str] | None = None) -> None:
    """Save `instance`, or only its `fields`; raise Invalid naming every field that breaks its rule.

    Only the fields' own rules are asked here; uniqueness and the like are the database's to refuse.
    """
    exclude = None if fields is None else {f.name for f in instance._meta.fields} - set(fields)
    try:
        instance.clean_fields(exclude=exclude)
    except ValidationError as error:
        raise Invalid("Some fields need another look.", details={"fields": error.message_dict}) from None
    instance.save(update_fields=None if instance._state.adding else fields)
