import subprocess


def archive(folder, target):
    subprocess.run(["tar", "-czf", target, folder], check=True)
    subprocess.run("sync && date", shell=True, check=True)
    subprocess.call("du " + folder, shell=False)
