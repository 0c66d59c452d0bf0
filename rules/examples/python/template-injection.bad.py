from flask import Flask, render_template_string, request
from jinja2 import Template

app = Flask(__name__)


@app.get("/hello")
def hello():
    greeting = "<h1>Hello " + request.args.get("name", "") + "</h1>"
    # secplan-expect
    return render_template_string(greeting)


@app.get("/mail")
def mail():
    # secplan-expect
    return Template(request.form["body"]).render()
