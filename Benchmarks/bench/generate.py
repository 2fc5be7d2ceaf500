"""Makes the source files of a workload: `python -m bench.generate small|big FOLDER`.

Every value is a hash of the row's number, so the same DuckDB version makes the same rows anywhere, at any time.
"""

import datetime
import os
import sys

import duckdb

START = datetime.date(2024, 1, 1)

# A different stream of numbers for each column of each row. The hash takes one integer, because DuckDB's hash of
# several values has too little disorder in its low bits: dictionary columns would compress to nothing.
NUMBER = "CREATE MACRO number(r, stream) AS hash(CAST(r * 64 + stream AS BIGINT))"
CHOICE = "CREATE MACRO choice(r, stream, words) AS words[CAST(1 + number(r, stream) % len(words) AS INTEGER)]"

# The columns of TPC-H's `orders`.
SMALL = """
SELECT
    r AS o_orderkey,
    CAST(number(r, 0) % 150000 AS INTEGER) AS o_custkey,
    choice(r, 1, ['F', 'O', 'P']) AS o_orderstatus,
    CAST(90000 + number(r, 2) % 46000000 AS DOUBLE) / 100 AS o_totalprice,
    DATE '{date}' AS o_orderdate,
    choice(r, 3, ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW']) AS o_orderpriority,
    printf('Clerk#%09d', CAST(1 + number(r, 4) % 1000 AS INTEGER)) AS o_clerk,
    array_to_string([
        choice(r, 8 + word, [
            'final', 'special', 'regular', 'pending', 'express', 'furious', 'silent', 'ironic', 'bold', 'even', 'quick',
            'careful', 'blithe', 'sly', 'daring', 'fluffy', 'deposits', 'accounts', 'packages', 'requests', 'foxes',
            'ideas', 'theodolites', 'instructions', 'pinto', 'beans', 'excuses', 'platelets', 'asymptotes', 'courts',
            'dolphins', 'multipliers', 'sleep', 'wake', 'nag', 'haggle', 'above', 'along', 'according', 'between'])
        FOR word IN range(CAST(4 + number(r, 5) % 10 AS BIGINT))], ' ') AS o_comment
FROM (SELECT {day} * 1000000 + i AS r FROM range({rows}) AS numbers(i))
"""

# Twelve columns, of which the transform writes ten to its file: dense and sparse integers, money, a fraction, a
# moment, words of a small set, and text without repetition.
BIG = """
SELECT
    r AS event_id,
    TIMESTAMP '{date}' + to_milliseconds(CAST(i * 86 + number(r, 0) % 5000 AS BIGINT)) AS event_time,
    DATE '{date}' AS event_date,
    CAST(number(r, 1) % 2000000 AS INTEGER) AS account_id,
    CAST(number(r, 2) % 40000 AS INTEGER) AS product_id,
    CAST(1 + number(r, 3) % 12 AS SMALLINT) AS quantity,
    CAST(100 + number(r, 4) % 500000 AS DOUBLE) / 100 AS unit_price,
    CAST(number(r, 5) % 400 AS DOUBLE) / 1000 AS discount,
    choice(r, 6, ['usd', 'eur', 'gbp', 'chf', 'jpy', 'sek', 'pln', 'czk']) AS currency,
    choice(r, 7, ['web', 'shop', 'phone', 'partner', 'app']) AS channel,
    printf('%012x', number(r, 8) >> 16) AS session_token,
    number(r, 9) % 100 = 0 AS is_test
FROM (SELECT i, CAST({day} AS BIGINT) * 1000000 + i AS r FROM range({rows}) AS numbers(i))
"""


def rows_of_day(workload: str, day: int) -> int:
    """The number of rows of a day: about 628 as in TPC-H's first scale factor, or a million."""
    return 1_000_000 if workload == "big" else 560 + (day * 7919) % 137


def generate(workload: str, folder: str) -> None:
    """Makes the files that are missing, one a day."""
    days, query = (30, BIG) if workload == "big" else (182, SMALL)
    os.makedirs(folder, exist_ok=True)
    connection = duckdb.connect()
    connection.execute(NUMBER)
    connection.execute(CHOICE)
    for day in range(days):
        date = START + datetime.timedelta(days=day)
        path = os.path.join(folder, f"{date}.parquet")
        if os.path.exists(path):
            continue
        # A file that was begun and not ended must not be taken for a finished one by the next call.
        unfinished = path + ".unfinished"
        statement = query.format(day=day, date=date, rows=rows_of_day(workload, day))
        connection.execute(f"COPY ({statement}) TO '{unfinished}' (FORMAT parquet, COMPRESSION zstd)")
        os.rename(unfinished, path)


if __name__ == "__main__":
    generate(sys.argv[1], sys.argv[2])
