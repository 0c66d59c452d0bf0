package web

import (
	"fmt"
	"html"
	"html/template"
	"net/http"
)

var page = template.Must(template.New("page").Parse("<p>{{ . }}</p>"))

func search(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "<p>Nothing found for %s</p>", html.EscapeString(r.URL.Query().Get("q")))
	_ = page.Execute(w, r.FormValue("note"))
}
