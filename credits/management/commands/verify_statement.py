"""Verify downloaded statements without looking at the ledger."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credits.statements import keys as own_keys
from credits.statements import proof


class Command(BaseCommand):
    """Verify each file by itself, and that each begins where the one before it ends."""

    help = "Verify statements offline; exit non-zero and name the entry where one breaks."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files, in order of their months."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a downloaded statement")
        parser.add_argument(
            "--keys",
            type=Path,
            metavar="FILE",
            help="public keys as another studio publishes them at /api/v1/credits/statements/keys; "
            "by default this studio's own",
        )

    def handle(self, *args: Any, files: list[Path], keys: Path | None, **options: Any) -> None:
        """Print what each file proves; fail at the first that does not hold."""
        try:
            known = own_keys.known() if keys is None else proof.read_keys(_read(keys))
        except proof.Refused as error:
            raise CommandError(f"{keys}: {error}") from error
        before: proof.Proof | None = None
        for path in files:
            try:
                found = proof.verify(_read(path), keys=known)
                if before is not None:
                    proof.require_following(before, found)
            except proof.Refused as error:
                raise CommandError(f"{path} is refused. {error}") from error
            self.stdout.write(
                f"{path}: {found.month}, wallet {found.wallet}, {found.entries} entries, "
                f"{found.opening.balance} to {found.closing.balance} credits, signed by {found.signed_by}"
            )
            before = found
        self.stdout.write(self.style.SUCCESS("Every hash, every balance and every signature holds."))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
