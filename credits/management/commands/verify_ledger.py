"""Prove every invariant of the ledger."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.common.errors import DomainError
from credits import parking, verification
from credits.models import Wallet

SHOWN = 20


class Command(BaseCommand):
    """Print each invariant; fail on the first that is broken and name the wallets."""

    help = "Prove every invariant of the ledger; exit non-zero on the first break."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --park and --unpark."""
        parser.add_argument(
            "--park",
            action="store_true",
            help="first park every wallet in which an invariant is broken, so that it takes no new hold",
        )

        parser.add_argument(
            "--unpark", type=int, metavar="WALLET", help="let a wallet work again in which nothing is broken"
        )

    def handle(self, *args: Any, park: bool, unpark: int | None, **options: Any) -> None:
        """Check one invariant after the other."""
        if unpark is not None:
            self._unpark(unpark)
            return
        if park:
            self._park()
        for invariant, found in verification.verify():
            if not found:
                self.stdout.write(f"{invariant.code}  ok      {invariant.rule}")
                continue
            self.stdout.write(self.style.ERROR(f"{invariant.code}  BROKEN  {invariant.rule}"))
            for place in found[:SHOWN]:
                self.stdout.write(f"     {place}")
            raise CommandError(f"{invariant.code} is broken in {len(found)} place(s): {found[0]}")
        self.stdout.write(self.style.SUCCESS("The ledger is whole."))

    def _unpark(self, wallet_id: int) -> None:
        wallet = Wallet.objects.filter(pk=wallet_id, parked_at__isnull=False).first()
        if wallet is None:
            raise CommandError(f"There is no parked wallet {wallet_id}.")
        try:
            parking.unpark(wallet=wallet, reason="Unparked from the command line", actor=None)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Wallet {wallet_id} works again.")

    def _park(self) -> None:
        for wallet_id in parking.park_drifted():
            self.stdout.write(self.style.WARNING(f"Parked wallet {wallet_id}."))
