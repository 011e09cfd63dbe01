"""Plants a mistake into the ledger's functions, to see it caught."""

import pytest
from django.db import IntegrityError, connection

from config.common.errors import DomainError
from credits import sql

CAUGHT = (AssertionError, pytest.fail.Exception, IntegrityError, DomainError)
"""What a test that sees the mistake raises."""


def install(name, *, instead=None, by=""):
    """Install a file of the kernel again, with a mistake if one is given."""
    text = sql.source(name)
    if instead is not None:
        assert instead in text
        text = text.replace(instead, by)
    with connection.cursor() as cursor:
        cursor.execute(text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
