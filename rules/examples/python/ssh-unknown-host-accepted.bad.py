import paramiko


def connect(host):
    client = paramiko.SSHClient()
    # secplan-expect
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(host)
    return client
