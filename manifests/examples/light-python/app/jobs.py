"""Background jobs travel through a queue as pickles."""

import marshal
import pickle

import yaml


def decode(message: bytes):
    return pickle.loads(message)


def decode_code(message: bytes):
    return marshal.loads(message)


def load_schedule(path: str):
    with open(path) as handle:
        return yaml.load(handle, Loader=yaml.Loader)


def run(source: str) -> dict:
    scope: dict = {}
    exec(source, scope)
    return scope
