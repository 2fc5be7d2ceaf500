#!/usr/bin/env python3
"""Compares silver with what it should be, computed from bronze row by row: check_silver.py LAKE [--with-the-bug].

Reads with pyarrow and computes with Python's decimals, so that it shares no mistake with the transform.
"""

import decimal
import pathlib
import sys

import pyarrow.parquet

CENT = decimal.Decimal("0.01")


def rows(folder):
    return [row for path in sorted(folder.iterdir()) for row in pyarrow.parquet.ParquetFile(path).read().to_pylist()]


def expected(bronze, has_bug):
    for row in bronze:
        if row["amount"] == 0 or (has_bug and row["amount"] < 0):
            continue
        amount_usd = (row["amount"] * row["usd_rate"]).quantize(CENT, decimal.ROUND_HALF_UP)
        kept = ("order_id", "customer_id", "ordered_at", "currency", "amount")
        yield {name: row[name] for name in kept} | {"amount_usd": amount_usd}


def main(lake, has_bug):
    bronze, silver = pathlib.Path(lake, "bronze", "orders"), pathlib.Path(lake, "silver", "orders_usd")
    days = sorted(folder.name for folder in bronze.iterdir())
    found = sorted(folder.name for folder in silver.iterdir())
    if days != found:
        sys.exit(f"bronze has {len(days)} days, silver has {len(found)}")
    for day in days:
        want = sorted(expected(rows(bronze / day), has_bug), key=lambda row: row["order_id"])
        have = sorted(rows(silver / day), key=lambda row: row["order_id"])
        if want != have:
            sys.exit(f"{day}: {len(have)} rows, and {len(want)} expected; or a value differs")
    print(f"{len(days)} days as expected")


if __name__ == "__main__":
    main(sys.argv[1], "--with-the-bug" in sys.argv[2:])
