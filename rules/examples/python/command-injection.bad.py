import os
import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.get("/ping")
def ping():
    host = request.args["host"]
    # secplan-expect
    os.system("ping -c 1 " + host)
    # secplan-expect
    return subprocess.check_output(["sh", "-c", f"nslookup {host}"])
