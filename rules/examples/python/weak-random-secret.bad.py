import random
import string


def make_token():
    # secplan-expect
    return "".join(random.choice(string.ascii_letters) for _ in range(32))


def enrol():
    # secplan-expect
    password = "".join(random.choices(string.ascii_letters, k=12))
    # secplan-expect
    otp = random.randint(100000, 999999)
    return password, otp
