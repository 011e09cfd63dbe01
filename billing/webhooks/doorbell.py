"""Rings for a worker to look at Stripe's events. The database knows of them without."""

from billing.ringing import ring_after_commit


def ring() -> None:
    """Have a worker apply what is due, once this is committed; where no broker answers, the clock does."""
    from billing.tasks import apply_events  # tasks stand above this and import it

    ring_after_commit(apply_events)
