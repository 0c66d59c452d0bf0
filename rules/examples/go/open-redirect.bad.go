package web

import "net/http"

func afterLogin(w http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	// secplan-expect
	http.Redirect(w, r, next, http.StatusFound)
}
