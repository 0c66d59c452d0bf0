"""Talks to the payment provider."""

import ssl
import xml.etree.ElementTree as ElementTree
from urllib.request import urlopen

import requests

PROVIDER = "http://payments.example.com/v2"


def charge(order_id: int, amount: str) -> dict:
    response = requests.post(f"{PROVIDER}/charge", json={"order": order_id, "amount": amount}, verify=False)
    return response.json()


def rates() -> ElementTree.Element:
    with urlopen(f"{PROVIDER}/rates.xml") as answer:
        return ElementTree.fromstring(answer.read())


def context() -> ssl.SSLContext:
    insecure = ssl._create_unverified_context()
    insecure.check_hostname = False
    return insecure
