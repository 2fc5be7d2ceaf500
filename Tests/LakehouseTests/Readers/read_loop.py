"""Reads a Hive table again and again until its standard input ends, and judges every answer.

After each read a line goes to standard output: `right`, `between` (right, and some days were of another generation than
others), `wrong` with the answer, or `error` for a failure that the reader reports itself, such as a file that has gone.
"""

import sys
import threading

ENGINE, TABLE, DAYS = sys.argv[1], sys.argv[2], int(sys.argv[3])


def duckdb_reader():
    import duckdb

    connection = duckdb.connect()
    query = f"""
        SELECT order_date, count(*), min(generation), max(generation), sum(v)
        FROM read_parquet('{TABLE}/*/*.parquet', hive_partitioning = true) GROUP BY order_date"""
    return lambda: connection.execute(query).fetchall()


def pyarrow_reader():
    import pyarrow.dataset

    aggregates = [("generation", "count"), ("generation", "min"), ("generation", "max"), ("v", "sum")]

    def read():
        table = pyarrow.dataset.dataset(TABLE, partitioning="hive").to_table()
        groups = table.group_by("order_date").aggregate(aggregates)
        columns = ["order_date", "generation_count", "generation_min", "generation_max", "v_sum"]
        return list(zip(*(groups[name].to_pylist() for name in columns)))

    return read


def verdict(rows):
    if len(rows) != DAYS:
        return f"wrong: {len(rows)} days"
    for day, count, lowest, highest, total in rows:
        if count != 60 or lowest != highest or total != 60 * lowest + 1770:
            return f"wrong: {day} has {count} rows of generations {lowest} to {highest}, sum {total}"
    return "right" if len({row[2] for row in rows}) == 1 else "between"


def main():
    ended = threading.Event()

    def wait_for_end():
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    read = {"duckdb": duckdb_reader, "pyarrow": pyarrow_reader}[ENGINE]()
    while not ended.is_set():
        try:
            answer = verdict(read())
        except Exception as error:
            answer = f"error {type(error).__name__}: {error}".replace("\n", " ")
        print(answer, flush=True)


main()
