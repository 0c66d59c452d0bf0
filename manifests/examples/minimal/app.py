"""Prints how busy a host is: the smallest thing a scanner has an opinion on."""

import subprocess
import sys


def uptime(host: str) -> str:
    return subprocess.check_output("ssh " + host + " uptime", shell=True, text=True)


if __name__ == "__main__":
    print(uptime(sys.argv[1]))
