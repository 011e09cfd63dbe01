"""What was arranged at Stripe besides products and prices."""

from django.db import models


class StripeSetup(models.Model):
    """What `stripe_setup` arranged last: once in test mode, once in live mode."""

    livemode = models.BooleanField(unique=True)
    portal_configuration = models.CharField(max_length=255, help_text="What customers may do in the portal.")
    ran_at = models.DateTimeField()

    class Meta:
        verbose_name = "set-up at Stripe"
        verbose_name_plural = "set-ups at Stripe"

    def __str__(self) -> str:
        return f"{'Live' if self.livemode else 'Test'} mode, {self.ran_at:%Y-%m-%d %H:%M}"
