"""Starts the opengrep binary that the tackbox-opengrep package carries; the package itself has no command for it."""

import os
import sys
import sysconfig

program = os.path.join(sysconfig.get_path("purelib"), "tackbox_opengrep", "bin", "opengrep")
os.execv(program, [program, *sys.argv[1:]])
