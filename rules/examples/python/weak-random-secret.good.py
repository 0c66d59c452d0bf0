import random
import secrets


def make_token():
    return secrets.token_urlsafe(32)


def shuffle_cards(cards):
    first = random.choice(cards)
    password = secrets.token_hex(16)
    return first, password
