package web

import (
	"net/http"
	"os"
	"path/filepath"
)

func download(w http.ResponseWriter, r *http.Request) {
	name := filepath.Join("/srv/reports", filepath.Base(r.URL.Query().Get("file")))
	data, err := os.ReadFile(name)
	if err == nil {
		_, _ = w.Write(data)
	}
}

func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !filepath.IsLocal(name) {
		http.NotFound(w, r)
		return
	}
	http.ServeFile(w, r, filepath.Join("static", name))
}
