"""HTTP entry points."""

from flask import Flask, jsonify, redirect, request

from app import auth, orders, reports, uploads
from app.config import settings

app = Flask(__name__)
app.secret_key = settings["session_key"]


@app.post("/login")
def login():
    body = request.get_json()
    token = auth.login(body["user"], body["password"])
    return jsonify({"token": token})


@app.get("/orders")
def list_orders():
    return jsonify(orders.search(request.args.get("q", "")))


@app.get("/go")
def go():
    return redirect(request.args["to"])


@app.post("/upload")
def upload():
    return jsonify({"path": uploads.store(request.files["file"])})


@app.get("/report/<name>")
def report(name):
    return reports.render(name)


@app.get("/calc")
def calc():
    return str(eval(request.args["expr"]))


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8080, debug=True)
