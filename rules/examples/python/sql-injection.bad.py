import sqlite3

from flask import Flask, request
from sqlalchemy import text

app = Flask(__name__)


@app.get("/users")
def users():
    name = request.args.get("name")
    db = sqlite3.connect("app.db")
    statement = "SELECT id FROM users WHERE name = '" + name + "'"
    # secplan-expect
    return db.cursor().execute(statement).fetchall()


@app.post("/orders")
def orders(session):
    # secplan-expect
    return session.execute(text(f"SELECT * FROM orders WHERE state = '{request.form['state']}'"))
