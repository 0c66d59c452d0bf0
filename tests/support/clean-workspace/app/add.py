"""Nothing in this folder gives any scanner a reason to report."""


def add(left: int, right: int) -> int:
    return left + right
