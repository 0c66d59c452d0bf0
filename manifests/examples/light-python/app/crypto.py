"""Seals cookies."""

import hashlib

from Crypto.Cipher import AES, DES

STATIC_IV = b"0000000000000000"


def seal(key: bytes, text: bytes) -> bytes:
    return AES.new(key, AES.MODE_ECB).encrypt(text)


def seal_old(key: bytes, text: bytes) -> bytes:
    return DES.new(key, DES.MODE_CBC, STATIC_IV[:8]).encrypt(text)


def fingerprint(text: bytes) -> str:
    return hashlib.sha1(text).hexdigest()
