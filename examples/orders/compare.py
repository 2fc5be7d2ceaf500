#!/usr/bin/env python3
"""Prints orders and revenue of one day side by side: compare.py BEFORE AFTER, two folders of Parquet files."""

import os
import sys


def connect():
    """The DuckDB that reprocess uses is a module of Python 3.11; any installed one does as well."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    sys.path.append(os.path.join(data, "reprocess", "duckdb", "1.5.5"))
    for name in ("duckdb", "_duckdb"):
        try:
            return __import__(name).connect()
        except ModuleNotFoundError:
            continue
    sys.exit("compare.py: this Python has no DuckDB: run it with python3.11 after scripts/setup, or install duckdb.")


QUERY = """
    SELECT coalesce(currency, 'all'), count(*), count(*) FILTER (amount < 0), sum(amount_usd)
    FROM read_parquet(?) GROUP BY ROLLUP (currency) ORDER BY currency NULLS LAST
"""


def main(before, after):
    connection = connect()
    sides = []
    for folder in (before, after):
        rows = connection.execute(QUERY, [os.path.join(folder, "*.parquet")]).fetchall()
        sides.append({currency: values for currency, *values in rows})
    print(f"{'':10}{'before':>33}   {'after':>33}")
    print(f"{'currency':10}" + "   ".join([f"{'orders':>8}{'refunds':>9}{'revenue, USD':>16}"] * 2))
    for currency in sides[1]:
        cells = []
        for side in sides:
            orders, refunds, revenue = side.get(currency, (0, 0, 0))
            cells.append(f"{orders:>8,}{refunds:>9,}{revenue:>16,.2f}")
        print(f"{currency:10}" + "   ".join(cells))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
