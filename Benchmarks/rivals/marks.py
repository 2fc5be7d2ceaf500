"""The script of `script.py` with nothing to do: two committed upserts a partition, on one connection."""

import argparse
import time

import common
import psycopg
import script


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--partitions", type=int, required=True)
    options = parser.parse_args()
    started = time.monotonic()
    with psycopg.connect(options.database, autocommit=True) as ledger:
        ledger.execute(script.SCHEMA)
        for number in range(options.partitions):
            day = f"{1900 + number // 336}-{1 + number // 28 % 12:02}-{1 + number % 28:02}"
            ledger.execute(script.MARK, (day, "RUNNING"))
            ledger.execute(script.MARK, (day, "COMPLETE"))
    common.report(started)


if __name__ == "__main__":
    main()
