"""Searches the files of a folder for personal data with Presidio and writes JSON without a single value of them.

Usage: scan.py ROOT OUT SETTINGS, SETTINGS being JSON: {entities, language, model, sample, scoreThreshold}.
"""

import json
import os
import sys

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_FINDINGS = 20_000
# Longer lines are cut at a space or comma: pattern matching on one text of many megabytes takes hours.
CHUNK = 20_000


def analyzer_for(settings):
    """The analyzer, its recognizers' names, and the model that is really in use."""
    import spacy
    import tldextract

    # The e-mail recognizer would fetch the public suffix list; the package's own snapshot does.
    tldextract.extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    language, model = settings["language"], settings["model"]

    class LocalNlpEngine(SpacyNlpEngine):
        """Never downloads: a model that is installed, else a pipeline that only splits words."""

        def __init__(self, nlp):
            super().__init__(models=[{"lang_code": language, "model_name": model or "blank"}])
            self.nlp = {language: nlp}

        def load(self):
            pass

        def is_loaded(self):
            return True

    used = model if model and spacy.util.is_package(model) else None
    engine = LocalNlpEngine(spacy.load(used) if used else spacy.blank(language))
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language], nlp_engine=engine)
    if used is None:
        # It would say "no name found" about texts that it cannot judge.
        registry.remove_recognizer("SpacyRecognizer")
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])
    return analyzer, sorted({item.name for item in registry.recognizers}), used


def chunks(line):
    """Pieces of a line with their offsets."""
    start = 0
    while len(line) - start > CHUNK:
        end = max(line.rfind(" ", start, start + CHUNK), line.rfind(",", start, start + CHUNK)) + 1
        if end <= start:
            end = start + CHUNK
        yield start, line[start:end]
        start = end
    yield start, line[start:]


def without_overlaps(results):
    """Of results that overlap, the surest and then the longest: an e-mail address holds a URL."""
    kept = []
    for item in sorted(results, key=lambda r: (-r.score, r.start - r.end, r.start, r.entity_type)):
        if all(item.end <= other.start or item.start >= other.end for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda r: r.start)


def column_of(line, offset, delimiter):
    """Number of the delimited field, from 1, that an offset lies in. A quoted field that spans lines is not followed."""
    quoted, number = False, 1
    for character in line[:offset]:
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            number += 1
    return number


def read_text(path):
    """The text, or why there is none."""
    if os.path.getsize(path) > MAX_FILE_BYTES:
        return None, "larger than 64 MiB"
    with open(path, "rb") as handle:
        data = handle.read()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data:
        return None, "not a text file"
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError:
        return None, "neither UTF-8 nor UTF-16"


def files_below(root):
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path, os.path.relpath(path, root).replace(os.sep, "/")


def sampled(total, sample):
    """Line numbers to look at, evenly spread over all; the same ones each time."""
    if not sample or total <= sample:
        return range(1, total + 1)
    return sorted({1 + index * total // sample for index in range(sample)})


def main():
    root, out, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    analyzer, recognizers, used = analyzer_for(settings)
    report = {
        "schema": "https://secplan.dev/schema/presidio-scan/v1",
        "language": settings["language"],
        "model": used,
        "recognizers": recognizers,
        "scanned": [],
        "skipped": [],
        "findings": [],
        "truncated": False,
    }
    wanted = settings["entities"] or None
    for path, relative in files_below(root):
        try:
            text, reason = read_text(path)
        except OSError as error:
            text, reason = None, type(error).__name__
        if text is None:
            report["skipped"].append({"path": relative, "reason": reason})
            continue
        # Not splitlines: editors and other tools count by line feeds only.
        lines = [line.rstrip("\r") for line in text.split("\n")]
        if lines and lines[-1] == "":
            lines.pop()
        delimiter = {".csv": ",", ".tsv": "\t"}.get(os.path.splitext(relative)[1].lower())
        numbers = sampled(len(lines), settings["sample"])
        for number in numbers:
            line = lines[number - 1]
            for offset, piece in chunks(line):
                if not piece.strip():
                    continue
                results = analyzer.analyze(
                    piece,
                    language=settings["language"],
                    entities=wanted,
                    score_threshold=settings["scoreThreshold"],
                )
                for item in without_overlaps(results):
                    if len(report["findings"]) >= MAX_FINDINGS:
                        report["truncated"] = True
                        break
                    found = {
                        "entity": item.entity_type,
                        "path": relative,
                        "line": number,
                        "startColumn": offset + item.start + 1,
                        "endColumn": offset + item.end + 1,
                        "score": round(item.score, 3),
                    }
                    if delimiter is not None:
                        found["field"] = column_of(line, offset + item.start, delimiter)
                    report["findings"].append(found)
        report["scanned"].append({"path": relative, "lines": len(lines), "read": len(numbers)})
    with open(out, "w", encoding="utf-8") as handle:
        json.dump(report, handle, indent=1, sort_keys=True)
        handle.write("\n")


if __name__ == "__main__":
    main()
