"""A small shop. It is meant to be found wanting: see README.md for the flaws that are in it on purpose."""

import json
import os
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from postgres import Connection, DatabaseError

ITEMS = [("anvil", 4900), ("rope", 1250), ("lamp", 990)]


def connect():
    return Connection(os.environ["DATABASE_HOST"], "shop", os.environ["DATABASE_PASSWORD"], "shop")


def query(text):
    connection = connect()
    try:
        return connection.query(text)
    finally:
        connection.close()


def prepare():
    query("CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, name text UNIQUE, cents int)")
    query("CREATE TABLE IF NOT EXISTS orders (id serial PRIMARY KEY, item int, quantity int)")
    for name, cents in ITEMS:
        query(f"INSERT INTO items (name, cents) VALUES ('{name}', {cents}) ON CONFLICT DO NOTHING")
        document = json.dumps({"name": name}).encode()
        fetch(f"{os.environ['SEARCH_URL']}/items/_doc/{name}", "PUT", document)
        fetch(f"{os.environ['STORE_URL']}/pictures/{name}.txt", "PUT", f"a picture of {name}\n".encode())


def fetch(url, method="GET", body=None):
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=5) as response:
        return response.read()


class Handler(BaseHTTPRequestHandler):
    # Not Python's own words, which change with the machine's Python: the same is answered everywhere.
    error_content_type = "application/json"
    error_message_format = '{"error": %(code)d}'

    def version_string(self):
        return "shop/1.2"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        values = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        if url.path in ("/", "/ready"):
            return self.answer(200, {"shop": "open"})
        if url.path == "/items":
            # Flaw: SQL injection. What is asked for becomes part of the statement.
            rows = self.ask(f"SELECT id, name, cents FROM items WHERE name LIKE '%{values.get('name', '')}%' ORDER BY id")
            if rows is not None:
                self.answer(200, [{"id": int(row[0]), "name": row[1], "cents": int(row[2])} for row in rows])
            return None
        if url.path == "/search":
            found = fetch(f"{os.environ['SEARCH_URL']}/items/_search?q={urllib.parse.quote(values.get('q', ''))}")
            return self.answer(200, json.loads(found)["hits"]["hits"])
        if url.path.startswith("/pictures/"):
            try:
                return self.text(200, fetch(f"{os.environ['STORE_URL']}{urllib.parse.quote(url.path)}"))
            except urllib.error.HTTPError as error:
                return self.answer(error.code, {"error": "no such picture"})
        if url.path == "/go":
            # Flaw: open redirect. Anywhere is as good as here; and what no header can hold ends the connection.
            self.send_response(302)
            self.send_header("location", values.get("to", "/"))
            self.send_header("content-length", "0")
            return self.end_headers()
        if url.path == "/orders":
            if self.headers.get("authorization") != f"Bearer {os.environ['TOKEN']}":
                return self.answer(401, {"error": "who are you?"})
            rows = self.ask("SELECT id, item, quantity FROM orders ORDER BY id")
            return self.answer(200, [[int(value) for value in row] for row in rows or []])
        return self.answer(404, {"error": "no such page"})

    def do_POST(self):
        if urllib.parse.urlsplit(self.path).path != "/orders":
            return self.answer(404, {"error": "no such page"})
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            order = json.loads(body)
        except ValueError:
            return self.answer(400, {"error": "not JSON"})
        try:
            # Flaw: whatever is no object with two numbers ends in a 500.
            rows = query(f"INSERT INTO orders (item, quantity) VALUES ({order['item']:d}, {order['quantity']:d}) RETURNING id")
        except Exception as error:
            return self.answer(500, {"error": f"{type(error).__name__}: {error}"})
        return self.answer(201, {"id": int(rows[0][0])})

    def ask(self, text):
        try:
            return query(text)
        except DatabaseError as error:
            # Flaw: the database's own words reach whoever provokes them.
            self.answer(500, {"error": str(error)})
            return None

    def answer(self, status, value):
        self.text(status, json.dumps(value).encode(), "application/json")

    def text(self, status, body, kind="text/plain"):
        # Flaw: no content-security-policy, no nosniff, no frame options.
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    prepare()
    ThreadingHTTPServer(("", 8080), Handler).serve_forever()
