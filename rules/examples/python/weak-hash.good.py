import hashlib


def digest(data):
    first = hashlib.sha256(data).hexdigest()
    second = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return first, second
