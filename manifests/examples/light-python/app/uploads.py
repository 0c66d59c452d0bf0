"""Files that customers send."""

import os
import tarfile
import tempfile

UPLOAD_FOLDER = "/tmp/shop-uploads"


def store(file) -> str:
    path = os.path.join(UPLOAD_FOLDER, file.filename)
    file.save(path)
    os.chmod(path, 0o777)
    return path


def unpack(archive: str) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(UPLOAD_FOLDER)


def scratch_file() -> str:
    return tempfile.mktemp(suffix=".csv")
