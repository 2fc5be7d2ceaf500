"""Reads a Hive table again and again until its standard input ends, and judges every answer.

The files are listed before and after each read. Where both lists are equal, no day was replaced in between, and the
answer must be right. Where they differ, a reader may have listed a folder just before it was replaced; DuckDB and Arrow
leave out a file that goes between their readdir and their stat, without a word. So such an answer is not relied on, but
even then no day may be a mix of two generations.

After each read a line goes to standard output:
  right    the answer is right, and all days were of one generation
  between  the answer is right, and some days were of another generation than others
  moved    the lists differ; every day of the answer is whole
  short    the lists differ; every day of the answer is whole, and a day is missing
  wrong    anything else, with the answer
  error    a failure that the reader reports itself, such as a file that has gone
"""

import sys
import threading

ENGINE, TABLE, DAYS = sys.argv[1], sys.argv[2], int(sys.argv[3])


def duckdb_reader():
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    files = f"SELECT file FROM glob('{TABLE}/*/*.parquet') ORDER BY file"
    query = f"""
        SELECT order_date, count(*), min(generation), max(generation), sum(v)
        FROM read_parquet('{TABLE}/*/*.parquet', hive_partitioning = true) GROUP BY order_date"""
    return lambda: connection.execute(files).fetchall(), lambda: connection.execute(query).fetchall()


def pyarrow_reader():
    import pyarrow
    import pyarrow.dataset

    aggregates = [("generation", "count"), ("generation", "min"), ("generation", "max"), ("v", "sum")]
    nothing = pyarrow.schema([])

    def files():
        return pyarrow.dataset.dataset(TABLE, schema=nothing).files

    def read():
        table = pyarrow.dataset.dataset(TABLE, partitioning="hive").to_table()
        groups = table.group_by("order_date").aggregate(aggregates)
        columns = ["order_date", "generation_count", "generation_min", "generation_max", "v_sum"]
        return list(zip(*(groups[name].to_pylist() for name in columns)))

    return files, read


def verdict(rows, moved):
    for day, count, lowest, highest, total in rows:
        if count != 60 or lowest != highest or total != 60 * lowest + 1770:
            return f"wrong: {day} has {count} rows of generations {lowest} to {highest}, sum {total}"
    if moved:
        return "moved" if len(rows) == DAYS else "short"
    if len(rows) != DAYS:
        return f"wrong: {len(rows)} days"
    return "right" if len({row[2] for row in rows}) == 1 else "between"


def main():
    ended = threading.Event()

    def wait_for_end():
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    files, read = {"duckdb": duckdb_reader, "pyarrow": pyarrow_reader}[ENGINE]()
    while not ended.is_set():
        try:
            before = files()
            rows = read()
            answer = verdict(rows, before != files())
        except Exception as error:
            answer = f"error {type(error).__name__}: {error}".replace("\n", " ")
        print(answer, flush=True)


main()
