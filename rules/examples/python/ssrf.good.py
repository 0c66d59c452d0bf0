import requests
from flask import Flask, request

app = Flask(__name__)
FEEDS = {"news": "https://news.example.org/feed", "jobs": "https://jobs.example.org/feed"}


@app.post("/preview")
def preview():
    number = int(request.args["page"])
    page = requests.get("https://news.example.org/feed?page=" + str(number), timeout=5)
    return page.text
