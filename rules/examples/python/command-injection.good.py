import os
import shlex
import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.get("/ping")
def ping():
    host = request.args["host"]
    os.system("ping -c 1 " + shlex.quote(host))
    return subprocess.check_output(["nslookup", "--", host])
