"""Which look at one of Stripe's objects was the last that counted."""

from django.db import models


class StripeTicket(models.Model):
    """The number of the newest fetch of an object that was applied here.

    Numbers come from one sequence and are drawn before the object is asked for. A change at Stripe has an
    event whose fetch begins after it: so the highest number always saw the newest state, and an answer that
    comes home under a lower one is passed over.
    """

    object_id = models.CharField(primary_key=True, max_length=255, editable=False)
    ticket = models.BigIntegerField()
    applied_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ticket__gt=0), name="billing_stripeticket_from_one")
        ]

    def __str__(self) -> str:
        return f"{self.object_id} at {self.ticket}"
