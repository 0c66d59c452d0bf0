#!/bin/sh
# Runs the light profile on the example workspace. Its flaws exceed its budget: the run ends with exit code 1.
set -u
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
exec node bin/secplan.mjs run --profile light --manifest manifests/examples/light-python/secplan.json "$@"
