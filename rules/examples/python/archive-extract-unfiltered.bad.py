import tarfile


def unpack(archive, target):
    with tarfile.open(archive) as tar:
        # secplan-expect
        tar.extractall(target)


def unpack_trusting(archive):
    tar = tarfile.open(archive)
    # secplan-expect
    tar.extractall(filter="fully_trusted")
