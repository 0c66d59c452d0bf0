package web

import (
	"database/sql"
	"fmt"
	"net/http"
	"strconv"
)

func users(db *sql.DB) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rows, err := db.Query("SELECT id FROM users WHERE name = $1", r.URL.Query().Get("name"))
		if err == nil {
			defer rows.Close()
		}
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		_, _ = db.Exec(fmt.Sprintf("DELETE FROM visits WHERE age > %d", limit))
	}
}
