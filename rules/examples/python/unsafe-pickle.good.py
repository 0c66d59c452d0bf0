import json
import pickle

from flask import request


def session():
    return json.loads(request.cookies["session"])


def local_cache(handle):
    return pickle.load(handle)
