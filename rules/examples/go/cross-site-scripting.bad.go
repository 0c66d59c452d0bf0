package web

import (
	"fmt"
	"html/template"
	"net/http"
)

func search(w http.ResponseWriter, r *http.Request) {
	term := r.URL.Query().Get("q")
	// secplan-expect
	fmt.Fprintf(w, "<p>Nothing found for %s, %s</p>", term, r.FormValue("name"))
	// secplan-expect
	w.Write([]byte("<i>" + r.FormValue("note") + "</i>"))
}

func card(r *http.Request) template.HTML {
	// secplan-expect
	return template.HTML(r.FormValue("bio"))
}
