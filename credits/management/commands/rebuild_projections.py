"""Compute what wallets, lots and holds show anew from the journal."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credits import rebuilding


class Command(BaseCommand):
    """Rebuild wallet after wallet; name those that showed something else than their journal says."""

    help = "Compute what wallets, lots and holds show anew from the journal. Safe while the studio works."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --wallet."""
        parser.add_argument("--wallet", type=int, help="only this one")

    def handle(self, *args: Any, wallet: int | None, **options: Any) -> None:
        """Rebuild, and fail where a journal is broken."""
        broken = []
        rebuilt = wrong = 0
        for found in rebuilding.rebuild(wallet_id=wallet):
            rebuilt += 1
            if found.is_broken:
                broken.append(found.wallet_id)
                self.stdout.write(self.style.ERROR(f"wallet {found.wallet_id}: its journal is broken"))
            elif found.corrected:
                wrong += 1
                self.stdout.write(f"wallet {found.wallet_id}: {found.corrected} row(s) put right")
        if wallet is not None and not rebuilt:
            raise CommandError(f"There is no wallet {wallet}.")
        if broken:
            raise CommandError(f"{len(broken)} journal(s) are broken; these wallets were left as they are.")
        self.stdout.write(self.style.SUCCESS(f"{rebuilt} wallet(s) as the journal says, {wrong} put right."))
