import tempfile


def scratch():
    # secplan-expect
    return tempfile.mktemp(suffix=".csv")
