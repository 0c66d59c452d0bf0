"""Order look-up."""

import sqlite3

from app.auth import DB_PATH


def search(text: str) -> list[tuple]:
    connection = sqlite3.connect(DB_PATH)
    query = f"SELECT id, customer, total FROM orders WHERE note LIKE '%{text}%'"
    return connection.execute(query).fetchall()


def by_id(order_id: int) -> tuple | None:
    connection = sqlite3.connect(DB_PATH)
    return connection.execute("SELECT id, customer, total FROM orders WHERE id = ?", (order_id,)).fetchone()


def delete_before(day: str) -> None:
    connection = sqlite3.connect(DB_PATH)
    try:
        connection.execute("DELETE FROM orders WHERE day < '" + day + "'")
    except Exception:
        pass
