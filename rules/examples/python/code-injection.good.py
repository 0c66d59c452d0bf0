import ast

from flask import Flask, request

app = Flask(__name__)


@app.post("/calc")
def calc():
    values = ast.literal_eval(request.form.get("values"))
    count = int(request.form.get("count"))
    return str(eval("2 ** " + str(count))) + str(values)
