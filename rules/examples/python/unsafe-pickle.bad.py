import base64
import pickle

import requests
from flask import request


def session():
    raw = base64.b64decode(request.cookies["session"])
    # secplan-expect
    return pickle.loads(raw)


def model(address):
    answer = requests.get(address, timeout=10)
    # secplan-expect
    return pickle.loads(answer.content)
