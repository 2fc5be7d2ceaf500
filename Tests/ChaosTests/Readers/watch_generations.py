"""Reads a Hive table again and again, and judges every day that it sees, until its standard input ends.

    watch_generations.py (duckdb | pyarrow | recipe) TABLE EXPECTATIONS

Each row of the table names its generation, and a day's amounts add up to its raw sum times the generation. A line
"OLDEST NEWEST" on standard input says which generations a day may be of from now on; 0 is no files. It is answered, by
a line of JSON with all counts so far, after a whole read that began later. Anything wrong goes out at once, as a line
{"wrong": …}.

A day is believed where the listing of its folder is the same before and after the read: no file name is ever used
twice, so it was not replaced in between. It must then be whole, right, of an allowed generation, and not of an older
one than was seen before. Where the listings differ it is read again; DuckDB and Arrow leave out a file that goes
between their readdir and their stat, without a word, so that such a day may be absent, but never be a mix.

`duckdb` and `pyarrow` read the whole table; `recipe` reads a month at a time by the words of
docs/publish-protocol.md, and repeats the query until both lists are equal.
"""

import json
import os
import random
import sys
import threading
import time

ENGINE, TABLE, EXPECTATIONS = sys.argv[1:4]
with open(EXPECTATIONS) as file:
    EXPECTED = json.load(file)
MONTHS = sorted({day[:7] for day in EXPECTED})
# What a reader says who opens a file that has been replaced meanwhile, or finds no file at all.
GONE = ("FileNotFoundError", "No such file", "No files found", "Cannot open file", "Failed to open local file")


class Watch:
    """What was seen so far."""

    def __init__(self):
        self.allowed = None
        self.newest_seen = dict.fromkeys(EXPECTED, 0)
        self.counts = dict.fromkeys(("reads", "checks", "repeated", "absent", "errors", "wrong"), 0)

    def wrong(self, text):
        self.counts["wrong"] += 1
        print(json.dumps({"wrong": f"{ENGINE}: {text}"}), flush=True)

    def judge(self, days, before, after, rows, error):
        """Judges one read of some days; returns whether all of them can be believed."""
        moved = {day for day in days if before.get(day) != after.get(day)}
        if moved:
            self.counts["repeated"] += 1
        if error is not None:
            nothing_yet = self.allowed[0] == 0 and not any(before.get(day) for day in days)
            if not any(text in error for text in GONE) or not (moved or nothing_yet):
                self.wrong(f"failed with {error}")
            elif moved:
                self.counts["errors"] += 1
                self.counts["reads"] += 1
            return not moved
        self.counts["reads"] += 1
        for day in rows.keys() - set(days):
            self.wrong(f"{day} is not among the days that were asked for")
        for day in days:
            self.judge_day(day, day in moved, bool(before.get(day)), rows.get(day))
        return not moved

    def judge_day(self, day, moved, listed, row):
        if row is None:
            if moved:
                self.counts["absent"] += listed
                return
            if listed:
                return self.wrong(f"{day} is missing, and was not replaced meanwhile")
            generation = 0
        else:
            count, lowest, highest, total = row
            expected = EXPECTED[day]
            generation = lowest
            if lowest != highest or count != expected["rows"] or total != expected["sum"] * lowest:
                return self.wrong(
                    f"{day} has {count} rows of generations {lowest} to {highest} with the sum {total}, "
                    f"instead of {expected['rows']} with {expected['sum']} times the generation")
        if not moved:
            self.counts["checks"] += 1
        if not self.allowed[0] <= generation <= self.allowed[1]:
            self.wrong(f"{day} is of generation {generation}, and {self.allowed[0]} to {self.allowed[1]} may be")
        if generation < self.newest_seen[day]:
            self.wrong(f"{day} is of generation {generation}, after {self.newest_seen[day]} was seen")
        self.newest_seen[day] = max(self.newest_seen[day], generation)


def names_by_day():
    """The listing of every day's folder. It asks for names alone, so nothing is left out."""
    listing = {}
    try:
        folders = os.listdir(TABLE)
    except FileNotFoundError:
        return listing
    for folder in folders:
        listing[folder.removeprefix("day=")] = tuple(sorted(os.listdir(f"{TABLE}/{folder}")))
    return listing


def duckdb_query():
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SET enable_progress_bar = false")
    # No file is ever read again once it has been replaced: a cache would only grow.
    connection.execute("SET enable_external_file_cache = false")
    connection.execute("SET memory_limit = '512MB'")

    def rows(files):
        answer = connection.execute(f"""
            SELECT day::VARCHAR, count(*), min(generation), max(generation), sum(amount)
            FROM read_parquet('{files}', hive_partitioning = true) GROUP BY day""").fetchall()
        return {row[0]: tuple(int(value) for value in row[1:]) for row in answer}

    def files(pattern):
        return connection.execute(f"SELECT file FROM glob('{pattern}') ORDER BY file").fetchall()

    return rows, files


def pyarrow_query():
    import pyarrow
    import pyarrow.dataset

    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    schema = pyarrow.schema(
        [("day", pyarrow.string()), ("generation", pyarrow.int64()), ("amount", pyarrow.int64())])
    partitioning = pyarrow.dataset.partitioning(pyarrow.schema([("day", pyarrow.string())]), flavor="hive")
    aggregates = [("generation", "count"), ("generation", "min"), ("generation", "max"), ("amount", "sum")]
    columns = ["generation_count", "generation_min", "generation_max", "amount_sum"]

    def rows(_):
        table = pyarrow.dataset.dataset(TABLE, schema=schema, partitioning=partitioning, format="parquet").to_table()
        groups = table.group_by("day").aggregate(aggregates)
        return dict(zip(groups["day"].to_pylist(), zip(*(groups[name].to_pylist() for name in columns))))

    return rows


def attempt(read, *arguments):
    try:
        return read(*arguments), None
    except Exception as error:
        return {}, f"{type(error).__name__}: {error}".replace("\n", " ")


def whole_table(watch, rows):
    def read():
        before = names_by_day()
        for day in before.keys() - EXPECTED.keys():
            watch.wrong(f"there is a folder {day}")
        answer, error = attempt(rows, f"{TABLE}/*/*.parquet")
        watch.judge(list(EXPECTED), before, names_by_day(), answer, error)

    return read


def recipe(watch, rows, files):
    def by_day(listing):
        days = {}
        for (file,) in listing:
            days.setdefault(file.split("/day=")[1].split("/")[0], []).append(file)
        return days

    def read_month(month):
        pattern = f"{TABLE}/day={month}-*/*.parquet"
        days = [day for day in EXPECTED if day.startswith(month)]
        while True:
            before, failed_before = attempt(files, pattern)
            answer, error = attempt(rows, pattern)
            after, failed_after = attempt(files, pattern)
            if failed_before or failed_after:
                watch.wrong(f"no list of files: {failed_before or failed_after}")
                return
            if watch.judge(days, by_day(before), by_day(after), answer, error):
                return

    def read():
        for month in random.sample(MONTHS, len(MONTHS)):
            read_month(month)

    return read


def main():
    os.nice(5)
    commands, condition = [], threading.Condition()

    def listen():
        for line in sys.stdin:
            with condition:
                commands.append(tuple(int(word) for word in line.split()))
                condition.notify()
        os._exit(0)

    watch = Watch()
    if ENGINE == "pyarrow":
        read = whole_table(watch, pyarrow_query())
    else:
        rows, files = duckdb_query()
        read = whole_table(watch, rows) if ENGINE == "duckdb" else recipe(watch, rows, files)
    threading.Thread(target=listen, daemon=True).start()
    pause = None
    while True:
        with condition:
            # Nothing may be judged before it is known what may be there; later, half of the time belongs to the writers.
            condition.wait_for(lambda: commands, pause)
            command = commands.pop(0) if commands else None
        if command:
            watch.allowed = command
        started = time.monotonic()
        read()
        if command:
            print(json.dumps({"allowed": command, **watch.counts}), flush=True)
        pause = min(1, time.monotonic() - started)


main()
