from flask import Flask

app = Flask(__name__)
# secplan-expect
app.debug = True

if __name__ == "__main__":
    # secplan-expect
    app.run(host="127.0.0.1", debug=True)
