"""collect.py FOLDER OUT: copies what RESTler wrote, wherever below its folder, to where secplan looks for it."""

import os
import shutil
import sys

folder, out = sys.argv[1:]
wanted = {'testing_summary.json', 'runSummary.json', 'bug_buckets.txt'}
for root, _, files in os.walk(os.path.join(folder, 'FuzzLean')):
    for name in wanted.intersection(files):
        shutil.copyfile(os.path.join(root, name), os.path.join(out, name))
