"""RESTler's engine asks this module for the header that authenticates. The value is in the environment only."""

import base64
import os


def acquire_token(data, log):
    secret = os.environ[os.environ['SECPLAN_AUTH_SECRET']].strip()
    kind = os.environ.get('SECPLAN_AUTH_TYPE')
    value = f'Bearer {secret}' if kind == 'bearer' else secret
    if kind == 'basic':
        pair = f'{os.environ.get("SECPLAN_AUTH_USERNAME", "")}:{secret}'
        value = 'Basic ' + base64.b64encode(pair.encode()).decode()
    return "{'secplan': {}}\n" + f'{os.environ["SECPLAN_AUTH_HEADER"]}: {value}\n'
