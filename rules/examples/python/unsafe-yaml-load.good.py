import yaml


def read(handle):
    first = yaml.safe_load(handle)
    second = yaml.load(handle, Loader=yaml.SafeLoader)
    third = yaml.load(handle, yaml.CSafeLoader)
    return first, second, third


def read_with_another_library(handle, library):
    yaml = library.YAML(typ="safe")
    return yaml.load(handle)
