"""What tokens cost in credits: exact arithmetic, rounded up once for a whole run."""

from decimal import Decimal, Inexact, localcontext

_DIGITS = 60  # a product of any counts and prices we meet is exact within it; beyond, Inexact is raised


class PriceError(ValueError):
    """A price or a count that no charge can be made from."""


def weigh(
    *, tokens_in: int, tokens_out: int, multiplier: Decimal, output_weight: Decimal = Decimal(1)
) -> Decimal:
    """Return the weighted tokens of a model call: (in + out × output weight) × the model's multiplier.

    Raises PriceError unless both prices are finite and above zero and the counts are not negative.
    """
    _check_price("multiplier", multiplier)
    _check_price("output weight", output_weight)
    if tokens_in < 0 or tokens_out < 0:
        raise PriceError("Tokens cannot be negative.")
    with localcontext(prec=_DIGITS) as context:
        context.traps[Inexact] = True
        return (tokens_in + tokens_out * output_weight) * multiplier


def credits_for(*, weighted_tokens: Decimal, tokens_per_credit: int) -> int:
    """Return the whole credits that `weighted_tokens` cost together, rounded up."""
    if tokens_per_credit <= 0:
        raise PriceError("A credit must buy at least one token.")
    if not weighted_tokens.is_finite() or weighted_tokens < 0:
        raise PriceError("Weighted tokens must be finite and not negative.")
    numerator, denominator = weighted_tokens.as_integer_ratio()
    return -(-numerator // (denominator * tokens_per_credit))


def turn_cost(*, before: Decimal, after: Decimal, tokens_per_credit: int) -> int:
    """Return what one turn adds to its run: ceil(total after) − ceil(total before), in weighted tokens.

    The turns of a run therefore sum to the run's own price exactly; a small turn may cost nothing.
    """
    if after < before:
        raise PriceError("A run's total cannot shrink.")
    return credits_for(weighted_tokens=after, tokens_per_credit=tokens_per_credit) - credits_for(
        weighted_tokens=before, tokens_per_credit=tokens_per_credit
    )


def _check_price(name: str, price: Decimal) -> None:
    if not price.is_finite() or price <= 0:
        raise PriceError(f"The {name} must be finite and above zero, not {price}.")
