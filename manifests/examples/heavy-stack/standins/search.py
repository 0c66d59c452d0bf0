"""Stands in for OpenSearch where there are no containers: documents are put, and found by a word in them."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

DOCUMENTS = {}


class Handler(BaseHTTPRequestHandler):
    def do_PUT(self):
        _, index, _, name = self.path.split("/", 3)
        length = int(self.headers.get("content-length") or 0)
        DOCUMENTS[index, name] = json.loads(self.rfile.read(length))
        self.reply(201, {"_index": index, "_id": name, "result": "created"})

    def do_GET(self):
        url = urlsplit(self.path)
        if not url.path.endswith("/_search"):
            return self.reply(200, {"version": {"number": "stand-in"}, "status": "green"})
        word = parse_qs(url.query).get("q", [""])[0].lower()
        hits = [
            {"_index": index, "_id": name, "_source": source}
            for (index, name), source in sorted(DOCUMENTS.items())
            if url.path.startswith(f"/{index}/") and word in json.dumps(source).lower()
        ]
        return self.reply(200, {"hits": {"total": {"value": len(hits)}, "hits": hits}})

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("", 9200), Handler).serve_forever()
