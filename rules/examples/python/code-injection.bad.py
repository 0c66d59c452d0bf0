from flask import Flask, request

app = Flask(__name__)


@app.post("/calc")
def calc():
    formula = request.form.get("formula")
    # secplan-expect
    return str(eval(formula))


@app.post("/macro")
def macro():
    # secplan-expect
    exec(request.get_json()["macro"])
    return "done"
