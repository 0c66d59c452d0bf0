"""Writes image/shop.tar, as `docker save` would: the API's files and what its requirements.txt installs, by name.

No base image and no package's code, so that it needs no registry: enough for scanners to tell what is in it. The same
input gives the same bytes.
"""

import hashlib
import io
import json
import pathlib
import tarfile

HERE = pathlib.Path(__file__).parent
API = HERE.parent / "api"


def tar(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def layer():
    files = {f"app/{name}": (API / name).read_bytes() for name in ("postgres.py", "server.py")}
    for line in (API / "requirements.txt").read_text().splitlines():
        name, found, version = line.partition("==")
        if found:
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT\n"
            files[f"usr/lib/python3/dist-packages/{name}-{version}.dist-info/METADATA"] = text.encode()
    return tar(files)


def main():
    content = layer()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2026-01-01T00:00:00Z",
        "config": {"WorkingDir": "/app", "Cmd": ["python3", "server.py"]},
        "rootfs": {"type": "layers", "diff_ids": [digest]},
    }
    index = [{"Config": "config.json", "RepoTags": ["shop:1"], "Layers": ["layer.tar"]}]
    files = {"layer.tar": content, "config.json": json.dumps(config).encode(), "manifest.json": json.dumps(index).encode()}
    (HERE / "shop.tar").write_bytes(tar(files))


if __name__ == "__main__":
    main()
