"""What Stripe's answers become when they are a no."""

from config.common.errors import Conflict, PaymentRequired, Unavailable

_RETRY_AFTER = 60


class Declined(PaymentRequired):
    """The card was declined; the message is Stripe's, written for who pays."""

    code = "card_declined"


class StripeRefused(Conflict):
    """Stripe refused the request as it stands; nothing was changed. `details` carry its code."""

    code = "payment_refused"


class SentOtherwise(StripeRefused):
    """Stripe knows the Idempotency-Key with another body, as after an upgrade; its outcome is unknown."""


class StripeUnavailable(Unavailable):
    """Stripe cannot be asked; nothing was charged."""

    code = "payments_unavailable"
    retry_after = _RETRY_AFTER

    def __init__(self) -> None:
        super().__init__(
            "Stripe, which takes the payments here, could not be reached. Nothing was charged; try again in a"
            " minute."
        )


class OutcomeUnknown(Unavailable):
    """Stripe did not answer a request that may charge. The same key again never charges twice."""

    code = "payment_outcome_unknown"
    retry_after = _RETRY_AFTER

    def __init__(self) -> None:
        super().__init__(
            "Stripe has not answered, so it is not known yet whether the change was made. Look at your plan"
            " in a minute, or try again: you will not be charged twice."
        )


class NotSetUp(Unavailable):
    """The studio has no key, or Stripe refuses the one it has: for the operator to put right."""

    code = "payments_unavailable"

    def __init__(self) -> None:
        super().__init__("This studio takes no payments at the moment. Nothing was charged.")
