package remote

import "golang.org/x/crypto/ssh"

func config(user string) *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User: user,
		// secplan-expect
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	}
}
