"""Arranges at Stripe what the studio needs there."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from billing.stripe import catalogue as stripe_catalogue
from billing.stripe import endpoints as stripe_endpoints
from billing.stripe import portal as stripe_portal
from billing.stripe.errors import StripeRefused
from config.common.errors import DomainError


class Command(BaseCommand):
    """Products, prices, the portal and the webhook endpoint, as the catalogue in force has them.

    May be run as often as one likes: what is right already is left alone.
    """

    help = "Bring products, prices, the billing portal and the webhook endpoint to Stripe. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do with the webhook endpoint besides."""
        endpoint = parser.add_mutually_exclusive_group()
        endpoint.add_argument(
            "--rotate-webhook",
            action="store_true",
            help="Make a second endpoint with a new secret beside the old one; both are accepted.",
        )
        endpoint.add_argument(
            "--retire-webhooks", action="store_true", help="Remove all endpoints but the newest."
        )
        endpoint.add_argument(
            "--listen-secret",
            metavar="whsec_…",
            help="Accept what `stripe listen` forwards to this machine; it prints this secret.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Arrange everything and say what was done."""
        work = stripe_catalogue.Work()
        try:
            stripe_catalogue.bring(work)
            stripe_portal.arrange(work)
            if options["listen_secret"]:
                self._listen(options["listen_secret"])
            else:
                self._endpoints(work, rotate=options["rotate_webhook"], retire=options["retire_webhooks"])
        except DomainError as error:
            raise CommandError(f"{error.message} What was done before this stays: run it again.") from error
        finally:
            for line in work.done:
                self.stdout.write(line)
        mode = "live" if settings.STRIPE_LIVE_MODE else "test"
        self.stdout.write(f"Stripe ({mode} mode) is as the catalogue says.")

    def _endpoints(self, work: stripe_catalogue.Work, *, rotate: bool, retire: bool) -> None:
        try:
            stripe_endpoints.arrange(work, rotate=rotate, retire=retire)
        except StripeRefused as error:
            if not stripe_endpoints.is_out_of_reach():
                raise
            self.stdout.write(
                f"{error.message} Stripe cannot reach {settings.SITE_URL}: have `stripe listen` forward its"
                " events, and run this with --listen-secret (docs/billing.md)."
            )

    def _listen(self, secret: str) -> None:
        uuid = stripe_endpoints.listen(secret=secret)
        self.stdout.write(f"Forward to it: stripe listen --forward-to {stripe_endpoints.address(uuid)}")
