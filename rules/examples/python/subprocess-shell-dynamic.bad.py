import subprocess


def archive(folder, target):
    # secplan-expect
    subprocess.run(f"tar -czf {target} {folder}", shell=True, check=True)
    # secplan-expect
    subprocess.call("du -sh " + folder, shell=True)
    # secplan-expect
    subprocess.Popen("ls {}".format(folder), shell=True)
