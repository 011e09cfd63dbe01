"""Give the role under which the product runs what it needs, and nothing that could change the past."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction
from psycopg import sql

PASSWORD = "APP_ROLE_PASSWORD"  # noqa: S105  the name of a variable

_GUARDED = """
SELECT c.relname,
       bool_or(t.tgtype & 16 > 0 AND t.tgattr = ''::int2vector AND t.tgqual IS NULL) AS keeps_rows,
       bool_or(t.tgtype & 8 > 0) AS keeps_all
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname IN ('ledger_refuse', 'audit_refuse') AND c.relnamespace = 'public'::regnamespace
GROUP BY c.relname
ORDER BY c.relname
"""


class Command(BaseCommand):
    """Set up a role that reads and writes but owns nothing; again after every migration."""

    help = (
        "Create or limit the database role that web, worker and beat use. Run it as the tables' owner after "
        f"every `migrate`. With {PASSWORD} set, the role gets that password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the role's name."""
        parser.add_argument("role")

    @transaction.atomic
    def handle(self, *args: Any, role: str, **options: Any) -> None:
        """Grant what the product does, then take what the guards of the tables refuse anyway."""
        name = sql.Identifier(role)
        with connection.cursor() as cursor:

            def run(text: str, **parts: sql.Composable) -> None:
                cursor.execute(sql.SQL(text).format(role=name, **parts).as_string(cursor.connection))

            cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
            if cursor.fetchone() is None:
                run("CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
            if password := os.environ.get(PASSWORD):
                run("ALTER ROLE {role} PASSWORD {password}", password=sql.Literal(password))
            run("GRANT USAGE ON SCHEMA public TO {role}")
            run("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
            run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
            run("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
            cursor.execute(_GUARDED)
            for table, keeps_rows, keeps_all in cursor.fetchall():
                taken = [*(["UPDATE"] if keeps_rows else []), *(["DELETE"] if keeps_all else [])]
                if taken:
                    run(
                        "REVOKE {taken} ON {table} FROM {role}",
                        taken=sql.SQL(", ".join(taken)),
                        table=sql.Identifier(table),
                    )
                    self.stdout.write(f"{table}: no {' and no '.join(taken)}")
        self.stdout.write(self.style.SUCCESS(f"{role} can use the studio's tables, and none of their past."))
