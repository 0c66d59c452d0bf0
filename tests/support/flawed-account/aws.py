"""A small part of an AWS account on a port: what account.json says is there, and nothing of all else.

Usage: aws.py PORT. Speaks the query, EC2, JSON and REST protocols of AWS far enough for read-only scanners; checks no signature.
An operation is looked up in account.json by its name; one that is not there answers that there is nothing.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "account.json"), encoding="utf-8") as file:
    ACCOUNT = json.load(file)


def xml(value):
    """Objects become elements, lists the elements `member` (query) or `item` (EC2) as their key says: `name:item`."""
    if isinstance(value, dict):
        parts = []
        for key, child in value.items():
            name, _, item = key.partition(":")
            kind = child.get("!type") if isinstance(child, dict) else None
            if kind is not None:
                space = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
                rest = {word: one for word, one in child.items() if word != "!type"}
                parts.append(f'<{name} {space} xsi:type="{kind}">{xml(rest)}</{name}>')
                continue
            if isinstance(child, list):
                inner = "".join(f"<{item or 'member'}>{xml(one)}</{item or 'member'}>" for one in child)
            else:
                inner = xml(child)
            parts.append(f"<{name}>{inner}</{name}>")
        return "".join(parts)
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, kind="text/xml"):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("x-amzn-RequestId", "1")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def service(self):
        """From the credential scope of the signature: KEY/DATE/REGION/SERVICE/aws4_request."""
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
        return scope[3] if len(scope) > 3 else ""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        target = self.headers.get("X-Amz-Target")
        service = self.service()
        if target is not None:
            name = target.rpartition(".")[2]
            return self.say(service, name, ACCOUNT.get(f"{service}.{name}"), "json")
        given = parse_qs(body)
        if "Action" not in given:
            return self.rest(service)
        action = given["Action"][0]
        found = ACCOUNT.get(f"{service}.{action}")
        filtered = given.get("Filter.1.Value.1", [""])[0]
        found = ACCOUNT.get(f"{service}.{action}?{filtered}", found)
        return self.say(service, action, found, "ec2" if service == "ec2" else "query")

    def say(self, service, name, found, form):
        if os.environ.get("AWS_TRACE"):
            print(service, name, self.path, "known" if found is not None else "EMPTY", file=sys.stderr, flush=True)
        if isinstance(found, dict) and "!error" in found:
            code = found["!error"]
            status = found.get("status", 400)
            if form == "json":
                return self.answer(status, json.dumps({"__type": code, "message": code}), "application/json")
            if form == "rest":
                return self.answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>")
            return self.answer(status, f"<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>")
        found = found or {}
        if form == "json":
            return self.answer(200, json.dumps(found), "application/json")
        if form == "ec2":
            return self.answer(200, f"<{name}Response><requestId>1</requestId>{xml(found)}</{name}Response>")
        return self.answer(200, f"<{name}Response><{name}Result>{xml(found)}</{name}Result></{name}Response>")

    def rest(self, service):
        split = urlsplit(self.path)
        key = f"{service} {self.command} {split.path}"
        flags = [word for word in split.query.split("&") if word.isalpha()]
        if service == "s3" and flags:
            key += f"?{flags[0]}"
        found = ACCOUNT.get(key)
        if os.environ.get("AWS_TRACE"):
            print(key, split.query, "known" if found is not None else "EMPTY", file=sys.stderr, flush=True)
        if service != "s3":
            if isinstance(found, dict) and "!error" in found:
                return self.say(service, key, found, "json")
            return self.answer(200, json.dumps(found or {}), "application/json")
        if found is None:
            return self.answer(404, "<Error><Code>NoSuchConfiguration</Code><Message>none</Message></Error>")
        if "!error" in found:
            return self.say(service, key, found, "rest")
        if "!text" in found:
            return self.answer(200, found["!text"], "application/json")
        return self.answer(200, xml(found))

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, "ok")
        return self.rest(self.service())

    def do_HEAD(self):
        return self.rest(self.service())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
