"""Looks up parcels."""

import sqlite3
import subprocess


def find(parcel: str) -> list[tuple]:
    connection = sqlite3.connect("parcels.db")
    return connection.execute("SELECT * FROM parcels WHERE id = '" + parcel + "'").fetchall()


def label(parcel: str) -> None:
    subprocess.run(f"lp labels/{parcel}.pdf", shell=True, check=True)
