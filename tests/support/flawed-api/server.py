"""A small API with real flaws, for scanners to find. Standard library only. `server.py PORT`; 0 takes a free one."""

import json
import os
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = os.environ.get('FLAWED_API_TOKEN', '')
FIELDS = {'__typename': 'Query', 'ping': 'pong'}
SCHEMA = {
    'queryType': {'name': 'Query'},
    'mutationType': None,
    'subscriptionType': None,
    'directives': [],
    'types': [
        {
            'kind': 'OBJECT',
            'name': 'Query',
            'description': None,
            'fields': [
                {
                    'name': 'ping',
                    'description': None,
                    'args': [],
                    'type': {'kind': 'SCALAR', 'name': 'String', 'ofType': None},
                    'isDeprecated': False,
                    'deprecationReason': None,
                }
            ],
            'inputFields': None,
            'interfaces': [],
            'enumValues': None,
            'possibleTypes': None,
        }
    ],
}


def database():
    base = sqlite3.connect(':memory:')
    base.execute('create table users (id integer, name text)')
    base.executemany('insert into users values (?, ?)', [(1, 'ann'), (2, 'ben')])
    return base


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    # One write an answer: a second one would wait for the client's acknowledgement of the first.
    wbufsize = 1 << 16

    def answer(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header('content-type', 'application/json')
        self.send_header('content-length', str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    def route(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        if self.command == 'POST' and url.path != '/graphql':
            return self.refuse()
        if url.path == '/health':
            # No security header at all, and the server's version in the `Server` header.
            return self.answer(200, {'status': 'ok'})
        if url.path == '/users':
            # Flaw: SQL is put together from what the client sends. Flaw: odd input ends in an exception.
            limit = int(query.get('limit', '10'))
            rows = database().execute(f"select id, name from users where name like '{query.get('name', '%')}'")
            return self.answer(200, [{'id': row[0], 'name': row[1]} for row in rows][:limit])
        if url.path.startswith('/users/'):
            # Flaw: the id is text here, the document promises a number. Flaw: no user is never answered by 404.
            return self.answer(200, {'id': url.path.rpartition('/')[2], 'name': 'ann'})
        if url.path == '/redirect':
            # Flaw: sends the client wherever the query says.
            to = ''.join(part for part in query.get('to', '/health') if ' ' < part < '\x7f')
            return self.answer(302, {}, [('location', to)])
        if url.path == '/me':
            if TOKEN and self.headers.get('authorization') == f'Bearer {TOKEN}':
                return self.answer(200, {'name': 'ann'})
            return self.answer(401, {'error': 'no token'}, [('www-authenticate', 'Bearer')])
        if url.path == '/graphql':
            return self.graphql(query)
        return self.answer(404, {'error': 'no such path'})

    def graphql(self, query):
        # Flaws: introspection is on, GET and batches are served, field names are suggested.
        size = int(self.headers.get('content-length') or 0)
        asked = json.loads(self.rfile.read(size)) if size else query
        batch = asked if isinstance(asked, list) else [asked]
        answers = [self.resolve(str(one.get('query', ''))) for one in batch]
        return self.answer(200, answers if isinstance(asked, list) else answers[0])

    def resolve(self, text):
        if '__schema' in text:
            return {'data': {'__schema': SCHEMA}}
        data = {name: value for name, value in FIELDS.items() if name in text}
        if data:
            return {'data': data}
        return {'errors': [{'message': 'Cannot query this field on type "Query". Did you mean "ping"?'}]}

    def handle_any(self):
        try:
            self.route()
        except Exception as error:
            # Flaw: a 500 that tells what went wrong inside.
            self.answer(500, {'error': repr(error)})

    def refuse(self):
        self.close_connection = True
        return self.answer(405, {'error': 'no such method here'}, [('allow', 'GET, HEAD')])

    do_GET = do_POST = do_HEAD = handle_any
    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = refuse

    def log_message(self, *_):
        pass


if __name__ == '__main__':
    server = ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1]) if len(sys.argv) > 1 else 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
