package web

import (
	"net/http"
	"net/url"
)

var feeds = map[string]string{"news": "https://news.example.org/feed"}

func preview(w http.ResponseWriter, r *http.Request) {
	page, err := http.Get("https://news.example.org/search?q=" + url.QueryEscape(r.FormValue("q")))
	if err == nil {
		page.Body.Close()
	}
	_, _ = http.Get(feeds["news"])
}
