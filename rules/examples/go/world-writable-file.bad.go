package store

import "os"

func save(path string, data []byte) error {
	// secplan-expect
	if err := os.MkdirAll(path, 0777); err != nil {
		return err
	}
	// secplan-expect
	return os.WriteFile(path+"/data", data, 0o666)
}
