"""Stands in for one port of a cluster. Usage: port.py PORT ANSWERS; ANSWERS maps paths to what a GET of them is told."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

with open(sys.argv[2], encoding="utf-8") as file:
    ANSWERS = json.load(file)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        found = ANSWERS.get(self.path)
        data = json.dumps({"kind": "Status", "code": 403} if found is None else found).encode()
        self.send_response(403 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
