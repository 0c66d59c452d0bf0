package web

import (
	"net/http"
	"net/url"
)

func afterLogin(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/search?q="+url.QueryEscape(r.FormValue("q")), http.StatusFound)
}
