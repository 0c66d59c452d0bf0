"""Reports rendered from templates and shipped as PDF."""

import os
import subprocess

from jinja2 import Environment

templates = Environment(autoescape=False)


def render(name: str) -> str:
    return templates.from_string("<h1>Report " + name + "</h1>").render()


def to_pdf(name: str) -> None:
    subprocess.call("wkhtmltopdf reports/%s.html reports/%s.pdf" % (name, name), shell=True)


def purge(folder: str) -> None:
    os.system("rm -rf " + folder)
