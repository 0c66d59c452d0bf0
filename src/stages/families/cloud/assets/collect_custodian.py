"""Makes one report of what `custodian run --dryrun` left: a folder for each policy.

Usage: collect_custodian.py FOLDER REPORT
Of the resources only their names are kept: their descriptions may hold secrets, such as start scripts of machines.
"""

import json
import os
import sys

NAMES = (
    "Arn",
    "arn",
    "InstanceId",
    "GroupId",
    "DBInstanceIdentifier",
    "VolumeId",
    "SnapshotId",
    "UserName",
    "RoleName",
    "KeyId",
    "TrailARN",
    "name",
    "Name",
    "account_id",
    "id",
)


def name_of(resource):
    for key in NAMES:
        value = resource.get(key)
        if isinstance(value, str) and value:
            return value
    return "a resource without a name"


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main(folder, report):
    policies = []
    for place, _, files in sorted(os.walk(folder)):
        if "metadata.json" not in files:
            continue
        policy = read(os.path.join(place, "metadata.json"))["policy"]
        metadata = policy.get("metadata") or {}
        ran = "resources.json" in files
        policies.append(
            {
                "name": policy["name"],
                "resource": policy["resource"],
                "description": policy.get("description"),
                "severity": metadata.get("severity"),
                "ran": ran,
                "resources": sorted(map(name_of, read(os.path.join(place, "resources.json")))) if ran else [],
            }
        )
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"custodian": 1, "policies": policies}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
