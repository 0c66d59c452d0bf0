import urllib.request

import requests
from flask import Flask, request

app = Flask(__name__)


@app.post("/preview")
def preview():
    target = request.json["url"]
    # secplan-expect
    page = requests.get(target, timeout=5)
    # secplan-expect
    urllib.request.urlopen("http://" + request.args["host"] + "/status")
    return page.text
