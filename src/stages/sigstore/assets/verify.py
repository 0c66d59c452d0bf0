"""Verifies the Sigstore bundles of a folder with sigstore itself, offline, and writes JSON.

Usage: verify.py ROOT OUT SETTINGS, SETTINGS being JSON: {identity, issuer, trustedRoot}.
Bundles are *.sigstore, *.sigstore.json and the lines of *.intoto.jsonl; what a bundle signs lies beside it, under its
name without the ending, or, for an attestation, under its subjects' names.
"""

import hashlib
import json
import os
import sys

ENDINGS = (".sigstore.json", ".sigstore", ".intoto.jsonl")
MAX_BUNDLES = 1_000
MAX_BYTES = 16 * 1024 * 1024
MAX_TEXT = 140


def kind_of(error):
    text = str(error).lower()
    if type(error).__name__ == "InvalidBundle":
        return "bundle-malformed"
    for words, kind in (
        (("digest mismatch",), "digest-mismatch"),
        (("policy", "san", "sans", "issuer", "oidcissuer", "oidcissuerv2", "identity"), "identity-mismatch"),
        (("inclusion", "log entry", "integrated", "checkpoint", "set"), "log-entry-invalid"),
        (("signature",), "signature-invalid"),
        (("certificate", "chain", "sct", "timestamp"), "certificate-invalid"),
    ):
        if any(word in text.replace(",", " ").split() or (" " in word and word in text) for word in words):
            return kind
    return "not-verified"


def digest(path):
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            sha.update(block)
    return sha.hexdigest()


def subjects(payload, folder):
    """(same, differing) names of subjects that lie beside the bundle."""
    same, differ = [], []
    statement = json.loads(payload)
    for subject in (statement.get("subject") or [])[:MAX_BUNDLES]:
        name, expected = subject.get("name") or "", (subject.get("digest") or {}).get("sha256")
        path = os.path.join(folder, os.path.basename(name))
        if name and expected and os.path.isfile(path):
            (same if digest(path) == expected else differ).append(os.path.normpath(path))
    return same, differ


def check(verifier, policy, path, text):
    from sigstore.models import Bundle

    result = {"bundle": path, "of": None, "state": "verified", "kind": None, "text": None}
    result.update({"same": [], "differ": []})
    artifact = next(path[: -len(ending)] for ending in ENDINGS if path.endswith(ending))
    try:
        bundle = Bundle.from_json(text)
        if "dsseEnvelope" in json.loads(text):
            _, payload = verifier.verify_dsse(bundle, policy)
            result["of"] = "attestation"
            result["same"], result["differ"] = subjects(payload, os.path.dirname(path))
        elif os.path.isfile(artifact):
            result["of"] = artifact
            with open(artifact, "rb") as file:
                verifier.verify_artifact(file.read(), bundle, policy)
        else:
            result.update({"state": "absent", "of": artifact})
    except Exception as error:  # sigstore raises what its parsers raise
        words = " ".join(str(error).split())[:MAX_TEXT]
        result.update({"state": "refused", "kind": kind_of(error), "text": f"{type(error).__name__}: {words}"})
    return result


def bundles():
    for folder, folders, names in os.walk("."):
        folders.sort()
        for name in sorted(names):
            if name.endswith(ENDINGS) and name not in ENDINGS:
                path = os.path.normpath(os.path.join(folder, name))
                if os.path.getsize(path) > MAX_BYTES:
                    yield path, ""
                    continue
                with open(path, encoding="utf-8", errors="replace") as file:
                    text = file.read()
                lines = [line for line in text.splitlines() if line.strip()]
                # Lines of *.intoto.jsonl without a bundle are plain envelopes, which carry nothing to verify them with.
                for part in lines if name.endswith(".jsonl") else [text]:
                    if not name.endswith(".jsonl") or '"verificationMaterial"' in part:
                        yield path, part


def main():
    root, out, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    import sigstore
    from sigstore.models import TrustedRoot
    from sigstore.verify import Verifier, policy

    os.chdir(root)
    if settings["trustedRoot"]:
        try:
            verifier = Verifier(trusted_root=TrustedRoot.from_file(settings["trustedRoot"]))
        except Exception as error:
            sys.exit(f"sigstore: the trusted root cannot be read: {type(error).__name__}")
    else:
        # The root that comes with sigstore: nothing is fetched.
        verifier = Verifier.production(offline=True)
    if settings["identity"]:
        wanted = policy.Identity(identity=settings["identity"], issuer=settings["issuer"])
    else:
        wanted = policy.UnsafeNoOp()
    found = list(bundles())
    report = {
        "schema": "secplan-sigstore/v1",
        "version": sigstore.__version__,
        "bundles": [check(verifier, wanted, path, text) for path, text in found[:MAX_BUNDLES]],
        "left": len(found[MAX_BUNDLES:]),
    }
    with open(out, "w", encoding="utf-8") as file:
        json.dump(report, file, ensure_ascii=True, sort_keys=True)


main()
