import ssl

import requests


def fetch(address):
    requests.get(address, timeout=3, verify="ca.pem")
    session = requests.Session()
    session.verify = True
    context = ssl.create_default_context(cafile="ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
