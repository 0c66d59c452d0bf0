"""Starts Checkov and writes down which files below the working folder it opened.

Checkov's own reports are the same for "looked and found nothing" and for "looked at nothing" where a tree holds no
resource. The interpreter's audit events tell the two apart. Usage: launch.py LIST ARGUMENT...
"""

import os
import sys

LISTED = sys.argv[1]
ROOT = os.path.realpath(os.getcwd()) + os.sep
SEEN = set()


def note(event, arguments):
    # Called for every event of the process and of the workers that it forks; it must never fail.
    if event != "open" or not arguments or not isinstance(arguments[0], (str, bytes)):
        return
    try:
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if not path.startswith(ROOT) or path in SEEN or not os.path.isfile(path):
            return
        SEEN.add(path)
        line = os.fsencode(path[len(ROOT):].replace("\n", "?")) + b"\n"
        # One write to a file opened for appending: lines of several processes do not mix.
        handle = os.open(LISTED, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)
    except (OSError, ValueError):
        pass


def main():
    from checkov.main import Checkov

    open(LISTED, "w", encoding="utf-8").close()
    # The report goes to its file; on the console it would carry source lines into the log.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    sys.addaudithook(note)
    sys.exit(Checkov(argv=sys.argv[2:]).run())


if __name__ == "__main__":
    main()
