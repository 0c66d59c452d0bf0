"""An API without the flaws of ../flawed-api: what it answers is what its documents promise. `server.py PORT`."""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

METHODS = {'/health': ('GET', 'HEAD'), '/graphql': ('POST',)}
SAFE = {
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    wbufsize = 1 << 16

    def version_string(self):
        return 'sound'

    def answer(self, status, body, more=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in [*SAFE.items(), ('content-length', str(len(data))), *more]:
            self.send_header(name, value)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    def route(self):
        size = self.headers.get('content-length', '')
        body = self.rfile.read(int(size)) if size.isdecimal() else b''
        path = urlsplit(self.path).path
        if path not in METHODS:
            return self.answer(404, {'error': 'no such path'})
        if self.command not in METHODS[path]:
            return self.answer(405, {'error': 'no such method here'}, [('allow', ', '.join(METHODS[path]))])
        if path == '/health':
            return self.answer(200, {'status': 'ok'})
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        text = str(asked.get('query', '')) if isinstance(asked, dict) else ''
        names = re.findall(r'\b(?:ping|__typename)\b', text)
        # No introspection, one field a query, no directive, no batch, nothing suggested.
        if len(names) != 1 or '__schema' in text or '@' in text:
            return self.answer(400, {'errors': [{'message': 'no such query'}]})
        value = 'Query' if names[0] == '__typename' else 'pong'
        return self.answer(200, {'data': {names[0]: value}})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = route

    def log_message(self, *_):
        pass


if __name__ == '__main__':
    server = ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1]) if len(sys.argv) > 1 else 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
