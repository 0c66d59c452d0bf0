"""Hands a CycloneDX document to a Dependency-Track server, waits until it was analysed, and writes its findings.

Usage: submit.py SBOM OUT SETTINGS, SETTINGS being JSON: {url, project, version, waitSeconds}. The key of the server's
interface comes as the environment variable DTRACK_API_KEY and is written nowhere.
"""

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

MAX_BYTES = 64 * 1024 * 1024


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key must reach no other host."""

    def redirect_request(self, *_):
        return None


def main():
    source, out, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    key = os.environ.get("DTRACK_API_KEY")
    if not key:
        sys.exit("error: declare the secret DTRACK_API_KEY and name it in the secrets of the tool")
    opener = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
    base = settings["url"].rstrip("/") + "/api/v1/"

    def call(method, path, body=None):
        request = urllib.request.Request(base + path, method=method)
        request.add_header("X-Api-Key", key)
        request.add_header("Accept", "application/json")
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        try:
            with opener.open(request, data, timeout=60) as answer:
                text = answer.read(MAX_BYTES + 1)
        except urllib.error.HTTPError as error:
            sys.exit("error: %s %s was answered with %d" % (method, path.split("?")[0], error.code))
        except (urllib.error.URLError, OSError) as error:
            sys.exit("error: the server cannot be reached: %s" % getattr(error, "reason", error))
        if len(text) > MAX_BYTES:
            sys.exit("error: an answer is larger than 64 MiB")
        return json.loads(text)

    with open(source, "rb") as handle:
        bom = base64.b64encode(handle.read()).decode()
    name, version = settings["project"], settings["version"]
    sent = call(
        "PUT",
        "bom",
        {"projectName": name, "projectVersion": version, "autoCreate": True, "bom": bom},
    )
    deadline = time.monotonic() + settings["waitSeconds"]
    pause = 0.2
    while call("GET", "bom/token/" + urllib.parse.quote(sent["token"], safe=""))["processing"]:
        if time.monotonic() > deadline:
            sys.exit("error: the server did not finish its analysis in time")
        time.sleep(pause)
        pause = min(pause * 2, 10)
    query = urllib.parse.urlencode({"name": name, "version": version})
    project = urllib.parse.quote(call("GET", "project/lookup?" + query)["uuid"], safe="")
    metrics = call("GET", "metrics/project/%s/current" % project)
    report = {
        "schema": "https://secplan.dev/schema/dependency-track/v1",
        "components": int(metrics["components"]),
        "export": call("GET", "finding/project/%s/export" % project),
    }
    with open(out, "w", encoding="utf-8") as handle:
        json.dump(report, handle, indent=1, sort_keys=True)


main()
