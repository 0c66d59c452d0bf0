# A transparency log of four entries, as Rekor's API tells of them; signed once with a key made for it. Two of its
# entries are false: the proof of one leads elsewhere, the other's body is that of another file.
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

HELD = json.loads(Path(__file__).with_name("log.json").read_text())


class Log(BaseHTTPRequestHandler):
    def answer(self, text, kind="application/json"):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        if self.path.startswith("/api/v1/log/publicKey"):
            self.answer(HELD["key"], "application/x-pem-file")
        else:
            self.answer(json.dumps(HELD["log"]))

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        spec = asked["entries"][0]["spec"]
        entry = HELD["entries"].get(spec["data"]["hash"]["value"])
        self.answer(json.dumps([] if entry is None else [entry]))


HTTPServer(("0.0.0.0", 3000), Log).serve_forever()
