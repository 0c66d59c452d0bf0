import tempfile


def scratch():
    return tempfile.NamedTemporaryFile(suffix=".csv")
