import hashlib


def digest(data):
    # secplan-expect
    first = hashlib.md5(data).hexdigest()
    # secplan-expect
    second = hashlib.new("sha1", data)
    return first, second
