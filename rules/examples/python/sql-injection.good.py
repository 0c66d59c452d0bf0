import sqlite3

from flask import Flask, request

app = Flask(__name__)


@app.get("/users")
def users():
    name = request.args.get("name")
    limit = int(request.args.get("limit", "10"))
    db = sqlite3.connect("app.db")
    rows = db.cursor().execute("SELECT id FROM users WHERE name = ?", (name,)).fetchall()
    statement = "SELECT id FROM users LIMIT " + str(limit)
    return rows + db.cursor().execute(statement).fetchall()
