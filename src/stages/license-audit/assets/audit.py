"""Reads the licences of every component of a CycloneDX document and writes what each expression means, as JSON.

Usage: audit.py SBOM OUT. The expressions are parsed, and the licences classed, by license-expression's own index.
"""

import json
import sys

MAX_BYTES = 256 * 1024 * 1024
MAX_COMPONENTS = 200_000


def index_by_key():
    """Category by SPDX id and by ScanCode key, in lower case."""
    import license_expression

    with open(license_expression.vendored_scancode_licensedb_index_location, encoding="utf-8") as handle:
        entries = json.load(handle)
    categories = {}
    for entry in entries:
        names = [entry.get("license_key"), entry.get("spdx_license_key")]
        names += entry.get("other_spdx_license_keys") or []
        for name in names:
            if name:
                categories[name.lower()] = entry.get("category") or "unknown"
    return license_expression.get_spdx_licensing(), categories


def texts_of(component):
    """Each licence that a component declares: an expression, an id, or a name."""
    for choice in component.get("licenses") or []:
        if not isinstance(choice, dict):
            continue
        given = choice.get("license") or {}
        text = choice.get("expression") or given.get("id") or given.get("name")
        if isinstance(text, str) and text.strip():
            yield text.strip()[:2000]


def judged(text, licensing, categories):
    """What one declaration says: its SPDX form where it has one, and the category of each licence in it."""
    if text.upper() in ("NOASSERTION", "NONE", "UNKNOWN", "UNLICENSED"):
        return {"text": text, "expression": None, "invalid": False, "categories": {}}
    try:
        info = licensing.validate(text)
    except Exception:  # the parser raises many kinds on text that is no expression
        info = None
    if info is None or info.errors:
        return {"text": text, "expression": None, "invalid": True, "categories": {}}
    tree = licensing.parse(text)
    keys = sorted({symbol.key for symbol in licensing.license_symbols(tree, unique=True, decompose=True)})
    return {
        "text": text,
        "expression": info.normalized_expression,
        "invalid": False,
        "categories": {key: categories.get(key.lower(), "unknown") for key in keys},
    }


def walk(components):
    """Components and those nested in them, without recursion."""
    stack = [item for item in reversed(components or [])]
    while stack:
        component = stack.pop()
        if not isinstance(component, dict):
            continue
        yield component
        stack.extend(reversed(component.get("components") or []))


def main():
    source, out = sys.argv[1], sys.argv[2]
    with open(source, "rb") as handle:
        data = handle.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        sys.exit("error: the document is larger than 256 MiB")
    document = json.loads(data)
    if document.get("bomFormat") != "CycloneDX":
        sys.exit("error: not a CycloneDX document")
    licensing, categories = index_by_key()
    components, known = [], {}
    for component in walk(document.get("components")):
        # Files are no packages: their licences are those of what they belong to.
        if component.get("type") in ("file", "operating-system") or not isinstance(component.get("name"), str):
            continue
        if len(components) >= MAX_COMPONENTS:
            sys.exit("error: more than 200,000 components")
        declared = sorted(set(texts_of(component)))
        for text in declared:
            if text not in known:
                known[text] = judged(text, licensing, categories)
        components.append(
            {
                "name": component["name"],
                "version": component.get("version") or None,
                "purl": component.get("purl") or None,
                "licenses": [known[text] for text in declared],
            }
        )
    components.sort(key=lambda item: (item["purl"] or item["name"], item["version"] or ""))
    report = {"schema": "https://secplan.dev/schema/license-audit/v1", "documents": 1, "components": components}
    with open(out, "w", encoding="utf-8") as handle:
        json.dump(report, handle, indent=1, sort_keys=True)


main()
