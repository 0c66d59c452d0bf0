from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        # What asks whether it is up is told so.
        self.send_response(200 if self.path == '/health' else 200)
        self.send_header('content-length', '2')
        self.send_header('content-type', 'application/json')
        self.send_header('x-content-type-options', 'nosniff')
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(b'{}')

    do_HEAD = do_OPTIONS = do_GET


ThreadingHTTPServer(('127.0.0.1', 8080), Handler).serve_forever()
