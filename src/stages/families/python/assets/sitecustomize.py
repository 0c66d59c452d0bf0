"""Lets scanners written in Python read every text file that they are shown.

They open files strictly as UTF-8 and pass over, often in silence, what is in another encoding, or has an ending that they
do not know. Here text in UTF-16 is decoded as such, any other byte that is not UTF-8 reads as U+FFFD, and the file is
scanned like any other. Python loads this module by its name, from PYTHONPATH, before the scanner.
"""

import builtins
import importlib.util
import os

_open = builtins.open
# The longer marks first: one of UTF-32 begins as one of UTF-16 does.
_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def _encoding_of(file):
    """UTF-16 or UTF-32 with its mark, or UTF-16 without one where every second byte of the beginning is NUL; else none."""
    with _open(file, "rb") as handle:
        head = handle.read(64)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    if len(head) >= 4 and not any(head[1::2]) and all(head[0::2]):
        return "utf-16-le"
    if len(head) >= 4 and not any(head[0::2]) and all(head[1::2]):
        return "utf-16-be"
    return None


def _lenient(file, mode="r", buffering=-1, encoding=None, errors=None, *rest, **named):
    if errors is None and "b" not in mode:
        errors = "replace"
        if mode in ("r", "rt") and isinstance(file, (str, os.PathLike)):
            try:
                encoding = _encoding_of(file) or encoding
            except OSError:
                pass
    return _open(file, mode, buffering, encoding, errors, *rest, **named)


builtins.open = _lenient


def _is_there(package):
    return importlib.util.find_spec(package) is not None


if _is_there("flawfinder"):
    import flawfinder

    # C and C++ as CUDA, OpenCL, Objective-C, Arduino and headers of templates name it, and endings in capitals.
    for ending in (
        "hh hxx h++ ipp ixx tpp txx tcc inl cu cuh m mm ino cl "
        "Cpp CXX Cxx C++ HH HPP Hpp HXX H++ INL INO CU"
    ).split():
        flawfinder.c_extensions.setdefault("." + ending, 1)

    def _error(message):
        """It does not say of which file it could not make sense to its end."""
        flawfinder.sys.stderr.write("Error: %s %s\n" % (message, flawfinder.filename))

    flawfinder.error = _error

if _is_there("detect_secrets"):
    from detect_secrets.filters import heuristic

    def _is_non_text_file(filename, _by_ending=heuristic.is_non_text_file):
        """By ending alone it passes over texts that are named so: here the file must hold a NUL byte, too."""
        if not _by_ending(filename):
            return False
        try:
            with _open(filename, "rb") as handle:
                return b"\0" in handle.read(8000)
        except OSError:
            return False

    _is_non_text_file.__module__ = heuristic.is_non_text_file.__module__
    _is_non_text_file.__name__ = _is_non_text_file.__qualname__ = "is_non_text_file"
    heuristic.is_non_text_file = _is_non_text_file
