"""The script that an engineer writes instead: DuckDB, a row a day in PostgreSQL, and a rename.

It goes on past a day that fails and skips what is COMPLETE. It has no claims, no fences and no sync: two of it on the
same days overwrite one another, and a power cut may leave COMPLETE days that are empty.
"""

import multiprocessing
import os
import time

import common
import duckdb
import psycopg

MARK = """
INSERT INTO script_progress (day, status, updated_at) VALUES (%s, %s, now())
ON CONFLICT (day) DO UPDATE SET status = excluded.status, error = NULL, updated_at = excluded.updated_at
"""
FAIL = "UPDATE script_progress SET status = 'FAILED', error = %s, updated_at = now() WHERE day = %s"
SCHEMA = """
CREATE TABLE IF NOT EXISTS script_progress (
    day date PRIMARY KEY, status text NOT NULL, error text, updated_at timestamptz NOT NULL
)
"""


def run_day(options, text: str, day: str, engine: duckdb.DuckDBPyConnection) -> None:
    folder = os.path.join(options.target, f"{options.column}={day}")
    os.makedirs(folder, exist_ok=True)
    final = os.path.join(folder, "data.parquet")
    aside = os.path.join(folder, ".data.parquet.tmp")
    engine.execute(common.copy(options, text, day, aside))
    os.rename(aside, final)


def run_days(options, text: str, days: list[str]) -> int:
    engine = duckdb.connect(config={"threads": options.threads} if options.threads else {})
    failed = 0
    with psycopg.connect(options.database, autocommit=True) as ledger:
        for day in days:
            ledger.execute(MARK, (day, "RUNNING"))
            try:
                run_day(options, text, day, engine)
            except (duckdb.Error, OSError) as error:
                failed += 1
                ledger.execute(FAIL, (str(error), day))
            else:
                ledger.execute(MARK, (day, "COMPLETE"))
    return failed


def run_share(options, text: str, days: list[str]) -> None:
    raise SystemExit(1 if run_days(options, text, days) else 0)


def main() -> None:
    parser = common.arguments(__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, help="DuckDB's threads in each worker")
    options = parser.parse_args()
    with open(options.sql, encoding="utf-8") as file:
        text = file.read()
    started = time.monotonic()
    with psycopg.connect(options.database, autocommit=True) as ledger:
        ledger.execute(SCHEMA)
        complete = ledger.execute("SELECT day FROM script_progress WHERE status = 'COMPLETE'")
        done = {str(day) for (day,) in complete}
    todo = [day for day in common.days(options) if day not in done]
    if options.workers == 1:
        failed = run_days(options, text, todo) > 0
    else:
        shares = [todo[n :: options.workers] for n in range(options.workers)]
        workers = [multiprocessing.Process(target=run_share, args=(options, text, share)) for share in shares]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        failed = any(worker.exitcode for worker in workers)
    common.report(started)
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
