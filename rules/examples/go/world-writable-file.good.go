package store

import "os"

func save(path string, data []byte) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return os.WriteFile(path+"/data", data, 0600)
}
