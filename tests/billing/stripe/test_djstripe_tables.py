"""dj-stripe's tables as our one migration makes them: what its models need, and what its own migrations leave."""

from importlib.metadata import version

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.test import override_settings

_COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, character_maximum_length, column_default IS NULL
FROM information_schema.columns WHERE table_schema = 'public' AND table_name LIKE 'djstripe%%'
"""
_INDEXES = """
SELECT t.relname, i.indisunique, i.indisprimary, i.indpred IS NULL,
       (SELECT string_agg(a.attname, ',' ORDER BY k.place)
        FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number),
       (SELECT string_agg(o.opcname, ',') FROM unnest(i.indclass) c JOIN pg_opclass o ON o.oid = c)
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relnamespace = 'public'::regnamespace AND t.relname LIKE 'djstripe%%'
"""
_CONSTRAINTS = """
SELECT c.conrelid::regclass::text, c.contype, pg_get_constraintdef(c.oid)
FROM pg_constraint c
WHERE c.connamespace = 'public'::regnamespace AND c.conrelid::regclass::text LIKE 'djstripe%%'
"""


def _schema():
    """Everything but the names, which carry digests of the operations that made them."""
    with connection.cursor() as cursor:
        found = {}
        for name, query in (("columns", _COLUMNS), ("indexes", _INDEXES), ("constraints", _CONSTRAINTS)):
            cursor.execute(query.replace("%%", "%"))
            found[name] = sorted(cursor.fetchall(), key=str)
    return found


def _models():
    return [
        m for m in apps.get_app_config("djstripe").get_models(include_auto_created=True) if m._meta.managed
    ]


@pytest.mark.django_db
def test_every_model_has_its_table_columns_and_indexes():
    with connection.cursor() as cursor:
        tables = {
            name for name in connection.introspection.table_names(cursor) if name.startswith("djstripe")
        }
        assert tables == {model._meta.db_table for model in _models()}
        for model in _models():
            table = model._meta.db_table
            columns = {
                c.name: c.null_ok for c in connection.introspection.get_table_description(cursor, table)
            }
            assert columns == {field.column: field.null for field in model._meta.concrete_fields}
            made = connection.introspection.get_constraints(cursor, table)
            indexed = {tuple(c["columns"]) for c in made.values() if c["index"] or c["unique"]}
            unique = {tuple(c["columns"]) for c in made.values() if c["unique"]}
            foreign = {
                (c["columns"][0], *c["foreign_key"]) for c in made.values() if c["foreign_key"] is not None
            }
            for field in model._meta.concrete_fields:
                if field.unique:
                    assert (field.column,) in unique
                elif field.db_index:
                    assert (field.column,) in indexed
                if isinstance(field, models.ForeignKey):
                    target = field.target_field
                    assert (field.column, target.model._meta.db_table, target.column) in foreign
            for names in model._meta.unique_together:
                assert tuple(model._meta.get_field(name).column for name in names) in unique


def test_it_stands_in_for_the_last_of_the_library_s_own_migrations():
    """A new release that adds one fails here: it follows on, once a module of its name says so."""
    theirs = MigrationLoader(None, load=False)
    with override_settings(MIGRATION_MODULES={}):
        theirs.load_disk()
    ours = MigrationLoader(None, load=False)
    ours.load_disk()
    assert version("dj-stripe") == "2.11.0"
    names = {name for app, name in theirs.disk_migrations if app == "djstripe"}
    assert max(names) == "0003_2_11"
    assert [name for app, name in ours.disk_migrations if app == "djstripe"] == [max(names)]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
def test_library_s_own_migrations_leave_the_same_schema():
    """Over a minute of work, most of it in removing columns."""
    ours = _schema()
    # Referenced only among themselves and by nothing of ours: they can be taken away and made again.
    call_command("migrate", "djstripe", "zero", verbosity=0)
    try:
        assert _schema() == {"columns": [], "indexes": [], "constraints": []}
        with override_settings(MIGRATION_MODULES={}):
            call_command("migrate", "djstripe", verbosity=0)
            theirs = _schema()
            call_command("migrate", "djstripe", "zero", verbosity=0)
    finally:
        call_command("migrate", "djstripe", verbosity=0)
    assert len({row[0] for row in ours["columns"]}) == len(_models()) == 62
    assert theirs == ours == _schema()
