"""Rounds invoices."""

from decimal import ROUND_HALF_UP, Decimal


def round_amount(amount: Decimal) -> Decimal:
    # TODO: banks want half-even here
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def vat(amount: Decimal, rate: Decimal) -> Decimal:
    # TODO(ann): read the rate from the country table
    return round_amount(amount * rate)
