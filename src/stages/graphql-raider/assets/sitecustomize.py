"""Python reads this before GraphQL Cop starts: puts the target's credential on every request, as its own option for
headers would show it in the process list. The value is in the environment only."""

import os

if os.environ.get('SECPLAN_AUTH_SECRET'):
    import base64

    import requests

    def credential():
        kind = os.environ.get('SECPLAN_AUTH_TYPE')
        secret = os.environ[os.environ['SECPLAN_AUTH_SECRET']].strip()
        if kind == 'bearer':
            return f'Bearer {secret}'
        if kind != 'basic':
            return secret
        pair = f'{os.environ.get("SECPLAN_AUTH_USERNAME", "")}:{secret}'
        return 'Basic ' + base64.b64encode(pair.encode()).decode()

    plain = requests.Session.request

    def request(self, method, url, **options):
        headers = {**(options.pop('headers', None) or {}), os.environ['SECPLAN_AUTH_HEADER']: credential()}
        return plain(self, method, url, headers=headers, **options)

    requests.Session.request = request
