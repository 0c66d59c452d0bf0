"""prepare.py FOLDER URL TOKEN_MODULE SECONDS: makes the folder that RESTler works in, with the settings of its engine.
No secret passes through here: the module that gives the token reads it when it is asked."""

import json
import os
import sys
from urllib.parse import urlsplit

folder, url, module, seconds = sys.argv[1:]
parts = urlsplit(url)
secure = parts.scheme == 'https'
settings = {
    'host': parts.netloc.rpartition('@')[2],
    'target_ip': parts.hostname,
    'target_port': parts.port or (443 if secure else 80),
    'no_ssl': not secure,
    'save_results_in_fixed_dirname': True,
    'max_request_execution_time': 30,
    'garbage_collection_interval': 30,
    'garbage_collector_cleanup_time': 30,
    'time_budget': float(seconds) / 3600,
}
if parts.path.strip('/'):
    settings['basepath'] = parts.path.rstrip('/')
if os.environ.get('SECPLAN_AUTH_SECRET'):
    token = {'module': {'file': module, 'function': 'acquire_token', 'data': {}}, 'token_refresh_interval': 3600}
    settings['authentication'] = {'token': token}
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, 'settings.json'), 'w', encoding='utf-8') as file:
    json.dump(settings, file)
