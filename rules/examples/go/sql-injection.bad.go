package web

import (
	"database/sql"
	"fmt"
	"net/http"
)

func users(db *sql.DB) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		statement := fmt.Sprintf("SELECT id FROM users WHERE name = '%s'", r.URL.Query().Get("name"))
		// secplan-expect
		rows, err := db.Query(statement)
		if err == nil {
			defer rows.Close()
		}
		// secplan-expect
		_, _ = db.ExecContext(r.Context(), "DELETE FROM visits WHERE visitor = '"+r.FormValue("visitor")+"'")
	}
}
