"""Puts a catalogue in force."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing.catalogue.loading import load, read_source
from billing.catalogue.reading import CatalogueError
from billing.models import CatalogueVersion


class Command(BaseCommand):
    """Load a shipped catalogue by its name, or any by its path. The same figures again change nothing."""

    help = "Load a catalogue: atelier, humanizer, avatar-g, or the path of a TOML file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One name or path."""
        parser.add_argument("catalogue", metavar="NAME-OR-PATH")
        parser.add_argument(
            "--if-none",
            action="store_true",
            help="Do nothing where a catalogue is loaded already: what operators changed since stays.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load it and say what changed."""
        if options["if_none"] and CatalogueVersion.objects.filter(is_current=True).exists():
            self.stdout.write("A catalogue is loaded already; it stays.")
            return
        try:
            loaded = load(source=read_source(options["catalogue"]))
        except CatalogueError as error:
            raise CommandError(f"Nothing was changed. {error.message}") from error
        catalogue = loaded.catalogue
        self.stdout.write(f"{catalogue.title}: {len(catalogue.plans)} plans, {len(catalogue.models)} models.")
        if not loaded.changed:
            self.stdout.write("These figures were in force already; nothing changed.")
        for terms in loaded.terms:
            self.stdout.write(f"Published: {terms}.")
        for code in loaded.withdrawn:
            self.stdout.write(f"No longer offered: {code}. Its subscribers keep it.")
