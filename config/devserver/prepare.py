"""Brings the database up to date before the programs start: migrations and set-up, in one process."""

import io
import sys

import django
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def main(*arguments: str) -> None:
    """Prepare the database, with `--stripe` Stripe too; every step leaves alone what is already there."""
    django.setup()
    from django.conf import settings

    if migrations_pending():
        print("bringing the database up to date …", flush=True)
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    try:
        call_command("load_catalogue", settings.CATALOGUE, "--if-none", stdout=io.StringIO())
        if "--stripe" in arguments:
            call_command("stripe_setup", stdout=io.StringIO())
        call_command("seed_demo")
    except CommandError as error:
        sys.exit(str(error))


def migrations_pending() -> bool:
    """Say whether `migrate` would do anything; asking costs far less than `migrate` finding out."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


if __name__ == "__main__":
    main(*sys.argv[1:])
