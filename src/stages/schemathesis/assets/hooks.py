"""Puts the target's credential on every request. Only its name is known here; the value is in the environment."""

import base64
import os

import schemathesis

KIND = os.environ.get('SECPLAN_AUTH_TYPE')

if KIND is not None:

    @schemathesis.auth()
    class Credential:
        def get(self, case, context):
            secret = os.environ[os.environ['SECPLAN_AUTH_SECRET']].strip()
            if KIND == 'basic':
                pair = f'{os.environ.get("SECPLAN_AUTH_USERNAME", "")}:{secret}'
                return 'Basic ' + base64.b64encode(pair.encode()).decode()
            return f'Bearer {secret}' if KIND == 'bearer' else secret

        def set(self, case, data, context):
            case.headers = case.headers or {}
            case.headers[os.environ['SECPLAN_AUTH_HEADER']] = data
