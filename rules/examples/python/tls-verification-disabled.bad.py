import ssl

import requests


def fetch(address):
    # secplan-expect
    requests.get(address, timeout=3, verify=False)
    session = requests.Session()
    # secplan-expect
    session.verify = False
    # secplan-expect
    context = ssl._create_unverified_context()
    # secplan-expect
    context.verify_mode = ssl.CERT_NONE
