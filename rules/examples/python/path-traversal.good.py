import os

from flask import Flask, request, send_from_directory
from werkzeug.utils import secure_filename

app = Flask(__name__)


@app.get("/download")
def download():
    return send_from_directory("/srv/reports", request.args["file"])


@app.get("/notes")
def notes():
    with open(os.path.join("notes", secure_filename(request.args["id"]))) as handle:
        return handle.read()
