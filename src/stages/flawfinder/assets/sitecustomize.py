"""Lets Flawfinder read C that is not UTF-8.

It opens files strictly and, at the first byte that is not UTF-8, writes its advice into the report and leaves the file
out. Old C is often Latin-1 in its comments, so here such bytes read as U+FFFD and the file is scanned like any other.
"""

import builtins

_open = builtins.open


def _lenient(file, mode="r", buffering=-1, encoding=None, errors=None, *rest, **named):
    if errors is None and "b" not in mode:
        errors = "replace"
    return _open(file, mode, buffering, encoding, errors, *rest, **named)


builtins.open = _lenient
