"""Refunds: no house rule is broken here."""

from decimal import Decimal


def refund(paid: Decimal, fee: Decimal) -> Decimal:
    return max(paid - fee, Decimal(0))
