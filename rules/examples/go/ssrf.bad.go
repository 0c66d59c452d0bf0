package web

import "net/http"

func preview(w http.ResponseWriter, r *http.Request) {
	target := r.FormValue("url")
	// secplan-expect
	page, err := http.Get(target)
	if err == nil {
		page.Body.Close()
	}
	// secplan-expect
	_, _ = http.NewRequest("GET", "http://"+r.URL.Query().Get("host")+"/status", nil)
}
