import jwt


def claims(token, key):
    # secplan-expect
    first = jwt.decode(token, options={"verify_signature": False})
    # secplan-expect
    second = jwt.decode(token, key, algorithms=["HS256", "none"])
    return first, second
