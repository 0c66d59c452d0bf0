import os

from flask import Flask, request, send_file

app = Flask(__name__)


@app.get("/download")
def download():
    wanted = os.path.join("/srv/reports", request.args["file"])
    # secplan-expect
    return send_file(wanted)


@app.get("/notes")
def notes():
    # secplan-expect
    with open("notes/" + request.args.get("id") + ".txt") as handle:
        return handle.read()
