"""Starts a scanner of cloud accounts by the name of its console script, once the account's credentials are there.

Usage: launch.py PROVIDER PROGRAM [ARGUMENT...]
Without credentials some of them wait for a minute for a machine's own, or for somebody at a browser.
"""

import os
import sys
from importlib.metadata import entry_points

NEEDED = {
    "aws": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    "azure": ("AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"),
    "gcp": ("GOOGLE_CREDENTIALS",),
}
MISSING = 64


def main(provider, program, *arguments):
    missing = [name for name in NEEDED[provider] if not os.environ.get(name)]
    if missing:
        print(
            f"no credentials: declare the secrets {', '.join(missing)} and name them in the secrets of the tool",
            file=sys.stderr,
        )
        return MISSING
    if provider == "aws":
        # Never the machine's own role.
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        if os.environ.get("AWS_ENDPOINT_URL"):
            # An API that is not Amazon's has one name: no account and no bucket stands before it.
            os.environ.setdefault("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
            config = os.path.join(os.environ.get("TMPDIR", "/tmp"), "aws-config")
            with open(config, "w", encoding="utf-8") as file:
                file.write("[default]\ns3 =\n    addressing_style = path\n")
            os.environ.setdefault("AWS_CONFIG_FILE", config)
    if provider == "gcp":
        key = os.path.join(os.environ.get("TMPDIR", "/tmp"), "google-credentials.json")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(os.environ["GOOGLE_CREDENTIALS"])
        os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = key
    # What one asks for as arguments; here, inside the process, no list of processes shows them.
    known = {"AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "GOOGLE_APPLICATION_CREDENTIALS"}
    arguments = [os.environ.get(word[4:], "") if word[:4] == "env:" and word[4:] in known else word for word in arguments]
    found = [entry for entry in entry_points(group="console_scripts") if entry.name == program]
    if not found:
        print(f"{program} is not installed", file=sys.stderr)
        return 69
    sys.argv = [program, *arguments]
    return found[0].load()()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
