import yaml
from yaml import Loader


def read(handle):
    # secplan-expect
    first = yaml.load(handle)
    # secplan-expect
    second = yaml.load(handle, Loader=Loader)
    # secplan-expect
    third = yaml.unsafe_load(handle)
    return first, second, third
