import tarfile
import zipfile


def unpack(archive, target):
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(target)
