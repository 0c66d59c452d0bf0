"""A PostgreSQL client of a hundred lines: one connection, the simple query protocol, rows as lists of text."""

import socket
import struct


class DatabaseError(Exception):
    """What the server said, by its own words."""


class Connection:
    def __init__(self, host, user, password, database, port=5432):
        self.socket = socket.create_connection((host, port), timeout=10)
        fields = f"user\0{user}\0database\0{database}\0\0".encode()
        self.socket.sendall(struct.pack("!ii", len(fields) + 8, 196608) + fields)
        self._until_ready(password)

    def close(self):
        self.socket.close()

    def query(self, text):
        """Rows of the last statement of a text."""
        self._send(b"Q", text.encode() + b"\0")
        return self._until_ready(None)

    def _send(self, kind, body):
        self.socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _read(self, count):
        parts = b""
        while len(parts) < count:
            chunk = self.socket.recv(count - len(parts))
            if not chunk:
                raise DatabaseError("the server went away")
            parts += chunk
        return parts

    def _until_ready(self, password):
        rows, failure = [], None
        while True:
            kind, length = struct.unpack("!ci", self._read(5))
            body = self._read(length - 4)
            if kind == b"R":
                if struct.unpack("!i", body[:4])[0] == 3:
                    self._send(b"p", password.encode() + b"\0")
            elif kind == b"D":
                rows.append(_row(body))
            elif kind == b"E":
                failure = _message(body)
                # An error before the session is there ends the connection.
                if password is not None:
                    raise DatabaseError(failure)
            elif kind == b"Z":
                if failure is not None:
                    raise DatabaseError(failure)
                return rows


def _row(body):
    (count,) = struct.unpack("!h", body[:2])
    at, values = 2, []
    for _ in range(count):
        (length,) = struct.unpack("!i", body[at : at + 4])
        at += 4
        values.append(None if length < 0 else body[at : at + length].decode())
        at += max(length, 0)
    return values


def _message(body):
    fields = {part[:1]: part[1:].decode() for part in body.split(b"\0") if part}
    return fields.get(b"M", "unknown error")
