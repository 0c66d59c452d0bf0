"""Writes what happened, and too much of it."""

import logging

log = logging.getLogger("shop")


def logged_in(user: str, password: str) -> None:
    log.info("login user=%s password=%s", user, password)


def failed(user: str) -> None:
    try:
        log.warning("login failed for " + user)
    except:  # noqa: E722
        pass
