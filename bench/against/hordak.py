"""django-hordak: one transfer per movement, as its guide does it.

Usage, with django-hordak installed: python -m bench.against.hordak DATABASE_URL; then a line with seconds on
the standard input, a line with transfers per second back, until the input ends.
"""

import random
import sys

import dj_database_url
import django
from django.conf import settings

from bench.crew import Crew

ACCOUNTS = 10_000


def main(database_url: str) -> None:
    """Prepare the accounts, then measure as often as asked."""
    settings.configure(
        DATABASES={"default": dj_database_url.parse(database_url, conn_max_age=None)},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        CURRENCIES=["EUR"],
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from hordak.models import Account
    from moneyed import Money

    call_command("migrate", verbosity=0)
    trees = {"lft": 1, "rght": 2, "level": 0}
    Account.objects.bulk_create(
        Account(name=f"wallet {n}", type="LI", currencies=["EUR"], tree_id=n, **trees)
        for n in range(1, ACCOUNTS + 1)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    accounts = list(Account.objects.all())
    ten = Money(10, "EUR")

    def transfer(_: int) -> None:
        one, other = random.sample(accounts, 2)
        one.transfer_to(other, ten)

    with Crew(transfer) as crew:
        print("ready", flush=True)
        for line in sys.stdin:
            print(crew.per_second(float(line)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
