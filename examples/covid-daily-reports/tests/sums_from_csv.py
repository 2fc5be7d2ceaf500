#!/usr/bin/env python3
"""Prints the sums of the daily reports as JSON, by month: sums_from_csv.py FOLDER.

Reads the files with Python's csv module and nothing else, so that it shares no mistake with the table.
"""

import csv
import datetime
import json
import pathlib
import sys

MEASURES = ("confirmed", "deaths", "recovered")


def sums(folder):
    months = {}
    for path in sorted(pathlib.Path(folder).glob("*.csv")):
        day = datetime.datetime.strptime(path.stem, "%m-%d-%Y").date()
        month = months.setdefault(f"{day:%Y-%m}", {"days": 0, "rows": 0} | dict.fromkeys(MEASURES, 0))
        month["days"] += 1
        with open(path, encoding="utf-8-sig", newline="") as file:
            for record in csv.DictReader(file):
                month["rows"] += 1
                for measure in MEASURES:
                    month[measure] += int(record[measure.capitalize()] or 0)
    return months


if __name__ == "__main__":
    print(json.dumps(sums(sys.argv[1]), indent=2, sort_keys=True))
