"""Verifies the in-toto layouts of a folder with in-toto itself, and writes JSON.

Usage: verify.py ROOT OUT SETTINGS, SETTINGS being JSON: {layouts, keys, links, inspections, products}.
Where no layout is named, every *.layout file is taken; where no key is named, the *.pub files beside it and at the root
whose key ids stand among its signatures.
"""

import glob
import json
import os
import sys

MAX_LAYOUTS = 1_000
MAX_TEXT = 400
MAX_PATHS = 1_000


def kind_of(error):
    """What is wrong, by the exception that in-toto raised; a name that is not here is `unreadable`."""
    return {
        "LayoutExpiredError": "layout-expired",
        "SignatureVerificationError": "layout-signature",
        "UnverifiedSignatureError": "layout-signature",
        "VerificationError": "layout-signature",
        "LinkNotFoundError": "link-missing",
        "ThresholdVerificationError": "threshold",
        "RuleVerificationError": "rule-violated",
        "BadReturnValueError": "inspection-failed",
        "TimeoutExpired": "inspection-failed",
    }.get(type(error).__name__, "unreadable")


def load_keys(paths):
    from in_toto.models._signer import load_public_key_from_file

    keys = {}
    for path in paths:
        try:
            key = load_public_key_from_file(path)
        except Exception as error:
            # A key that the manifest names and that cannot be read is no finding about the layout.
            sys.exit(f"in-toto: the key {path} cannot be read: {type(error).__name__}")
        keys[key["keyid"]] = (path, key)
    return keys


def keys_beside(layout, metadata):
    """Public keys beside the layout or at the root, of those that the layout says it is signed with."""
    from in_toto.models._signer import load_public_key_from_file

    signatures = metadata.signatures or []
    listed = signatures.values() if isinstance(signatures, dict) else signatures
    signers = {signature_id(signature) for signature in listed}
    folders = [os.path.dirname(layout) or ".", "."]
    found = {}
    for path in sorted({file for folder in folders for file in glob.glob(glob.escape(folder) + "/*.pub")}):
        try:
            key = load_public_key_from_file(path)
        except Exception:
            continue
        if key["keyid"] in signers:
            found[key["keyid"]] = (os.path.normpath(path), key)
    return found


def signature_id(signature):
    if isinstance(signature, dict):
        return signature.get("keyid")
    return getattr(signature, "keyid", None)


def products_of(summary):
    """Whether files of the tree are what the chain's last step made."""
    from in_toto.runlib import record_artifacts_as_dict

    names = sorted(name for name in summary.products if inside(name))[:MAX_PATHS]
    there = [name for name in names if os.path.isfile(name)]
    recorded = record_artifacts_as_dict(there) if there else {}
    differ = [name for name in there if recorded.get(name) != summary.products[name]]
    return {"same": len(there) - len(differ), "differ": differ, "absent": [n for n in names if n not in there]}


def inside(name):
    path = os.path.realpath(name)
    root = os.path.realpath(".")
    return not os.path.isabs(name) and path.startswith(root + os.sep)


def check(layout, settings):
    from in_toto import verifylib
    from in_toto.models.metadata import Metadata

    result = {"layout": layout, "verified": False, "error": None, "keys": [], "steps": 0, "inspections": 0}
    result.update({"expires": None, "products": {"same": 0, "differ": [], "absent": []}})
    named = load_keys(settings["keys"])
    try:
        metadata = Metadata.load(layout)
        payload = metadata.get_payload()
        result["steps"] = len(payload.steps)
        result["inspections"] = len(payload.inspect)
        result["expires"] = str(payload.expires)[:40]
        keys = named or keys_beside(layout, metadata)
        result["keys"] = sorted(path for path, _ in keys.values())
        if not keys:
            result["error"] = {"kind": "layout-unsigned", "text": "no key that is there has signed it"}
            return result
        links = settings["links"] or os.path.dirname(layout) or "."
        summary = verifylib.in_toto_verify(
            metadata, {keyid: key for keyid, (_, key) in keys.items()}, links, persist_inspection_links=False
        )
        result["verified"] = True
        if settings["products"]:
            result["products"] = products_of(summary)
    except Exception as error:  # in-toto raises what its parsers raise
        text = " ".join(str(error).split())[:MAX_TEXT]
        result["error"] = {"kind": kind_of(error), "text": f"{type(error).__name__}: {text}"}
    return result


def without_inspections():
    """Commands that a layout names are not run: it lies in the tree that is scanned."""
    from in_toto import verifylib

    rules = verifylib.verify_all_item_rules
    verifylib.run_all_inspections = lambda *args, **kwargs: {}
    verifylib.verify_all_item_rules = lambda items, links: rules(
        [item for item in items if type(item).__name__ != "Inspection"], links
    )


def main():
    root, out, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    import in_toto

    os.chdir(root)
    if not settings["inspections"]:
        without_inspections()
    found = settings["layouts"] or sorted(
        os.path.relpath(os.path.join(folder, name), ".")
        for folder, _, names in os.walk(".")
        for name in names
        if name.endswith(".layout")
    )
    report = {
        "schema": "secplan-in-toto/v1",
        "version": in_toto.__version__,
        "layouts": [check(layout, settings) for layout in found[:MAX_LAYOUTS]],
        "left": found[MAX_LAYOUTS:][:MAX_PATHS],
    }
    with open(out, "w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=True, sort_keys=True)


main()
