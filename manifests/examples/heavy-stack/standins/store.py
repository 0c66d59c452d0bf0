"""Stands in for an S3 service where there are no containers: PUT, GET, HEAD, DELETE and listing, in memory, unsigned."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

OBJECTS = {}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.key()
        if path in OBJECTS:
            return self.reply(200, OBJECTS[path])
        if path.count("/") == 1:
            keys = sorted(key for key in OBJECTS if key.startswith(f"{path}/"))
            listed = "".join(f"<Contents><Key>{escape(key[len(path) + 1 :])}</Key></Contents>" for key in keys)
            return self.reply(200, f"<ListBucketResult><Name>{escape(path[1:])}</Name>{listed}</ListBucketResult>".encode())
        return self.reply(404, b"<Error><Code>NoSuchKey</Code></Error>")

    do_HEAD = do_GET

    def do_PUT(self):
        OBJECTS[self.key()] = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.reply(200, b"")

    def do_DELETE(self):
        OBJECTS.pop(self.key(), None)
        self.reply(204, b"")

    def key(self):
        return unquote(urlsplit(self.path).path).rstrip("/") or "/"

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


ThreadingHTTPServer(("", 9000), Handler).serve_forever()
