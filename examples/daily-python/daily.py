"""Makes one day of the table `lake/orders`, beside any number of backfills of the same table.

    daily.py [--day 2024-01-05] [--wait 600]

Without a day it is yesterday's. Exit codes: 0 the day is complete, by this process or by another; 1 it failed, and the
ledger says why; 2 the ledger cannot be asked, or refuses; 75 somebody else has it, or took it over meanwhile: try again
later.
"""

import argparse
import ctypes
import datetime
import errno
import os
import pathlib
import shlex
import shutil
import socket
import subprocess
import sys
import time

import duckdb
import psycopg

from claim import Claim, Ledger, Lost

TABLE = pathlib.Path("lake/orders")
STAGING = pathlib.Path("lake/orders.daily")  # Beside the table: what globs over the table must not find.
REFUSED = 2
TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h


def say(text: str):
    print(text, file=sys.stderr, flush=True)


def take(ledger: Ledger, options) -> Claim | None:
    """The claim of the day; None where the day is complete. Waits for others as long as it may."""
    give_up = time.monotonic() + options.wait
    worker = f"{socket.gethostname()}:{os.getpid()}:daily"
    while True:
        claim = Claim.take(
            ledger, options.job, options.day, worker=worker, host=socket.gethostname(), lease=options.lease)
        if claim:
            return claim
        standing = ledger.call("partition_standing", job=options.job, partition_key=options.day)
        if standing.reason == "complete":
            return None
        if not standing.is_free:
            holder = f", by {standing.held_by_worker}" if standing.held_by_worker else ""
            say(f"{options.day} is {standing.reason}{holder}")
        left = give_up - time.monotonic()
        if left <= 0:
            sys.exit(TRY_LATER)
        free_in = standing.free_in.total_seconds() if standing.free_in is not None else 10
        time.sleep(max(0.2, min(free_in, left, 10)))


def revoke(day: str):
    """Takes away what earlier processes have staged for the day, so that one that was only asleep cannot publish it."""
    for earlier in STAGING.glob(f"{day}-*"):
        name = earlier.with_name(earlier.name + ".revoked")
        try:
            earlier.rename(name)
        except FileNotFoundError:
            continue  # It has published just now.
        shutil.rmtree(name, ignore_errors=True)


def stage(day: str, folder: pathlib.Path, fence: int) -> int:
    """Writes the day's rows into a folder where no reader looks; the answer is their number."""
    transform = pathlib.Path("transforms/orders.sql").read_text()
    folder.mkdir(parents=True)
    path = folder / f"daily-{fence}.parquet"  # A fence is never used twice, so no reader confuses two generations.
    with duckdb.connect() as database:
        database.execute(f"CREATE VIEW source AS SELECT * FROM read_csv('bronze/{day}.csv')")
        database.execute(f"CREATE TABLE made AS {transform}")
        strangers = database.execute("SELECT count(*) FROM made WHERE order_date IS DISTINCT FROM $1::DATE", [day])
        if number := strangers.fetchone()[0]:
            raise ValueError(f"{number} rows are of another day than {day}")
        database.execute(f"COPY (SELECT * EXCLUDE (order_date) FROM made) TO '{path}' (FORMAT parquet)")
        rows = database.execute("SELECT count(*) FROM made").fetchone()[0]
    sync(path)
    sync(folder)
    return rows


def publish(staged: pathlib.Path, partition: pathlib.Path):
    """Makes the staged folder the partition, in one step of the file system."""
    TABLE.mkdir(parents=True, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    here, exchange, no_replace = -100, 2, 1  # AT_FDCWD, RENAME_EXCHANGE, RENAME_NOREPLACE
    flag = exchange if partition.exists() else no_replace
    if libc.renameat2(here, os.fsencode(staged), here, os.fsencode(partition), flag) != 0:
        number = ctypes.get_errno()
        if number == errno.ENOENT:
            raise Lost("a later process has taken the staged files away")
        raise OSError(number, os.strerror(number), str(partition))
    sync(TABLE)


def sync(path: pathlib.Path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> int:
    yesterday = datetime.date.today() - datetime.timedelta(days=1)
    parser = argparse.ArgumentParser(description="Makes one day of lake/orders.")
    parser.add_argument("--day", default=yesterday.isoformat(), help="the day; yesterday where nothing is said")
    parser.add_argument("--job", default="orders", help="the name under which the backfill claims the same table")
    parser.add_argument("--schema", default="reprocess", help="the schema of the ledger")
    parser.add_argument("--wait", type=float, default=0, help="seconds to wait while somebody else has the day")
    parser.add_argument("--lease", type=float, default=90, help="seconds after which a silent worker is taken for lost")
    parser.add_argument("--check", help="a command that judges the staged folder, which is its last argument")
    options = parser.parse_args()
    options.lease = datetime.timedelta(seconds=options.lease)
    if not (conninfo := os.environ.get("REPROCESS_DATABASE_URL")):
        say("Set REPROCESS_DATABASE_URL to the database of the ledger.")
        return REFUSED
    try:
        claim = take(Ledger(conninfo, options.schema), options)
    except psycopg.Error as error:
        say(str(error))
        return REFUSED
    if claim is None:
        say(f"{options.day} is complete already")
        return 0
    staged = STAGING / f"{options.day}-{claim.fence}"
    try:
        with claim:
            say(f"{options.day} claimed with fence {claim.fence}")
            revoke(options.day)
            rows = stage(options.day, staged, claim.fence)
            size = sum(file.stat().st_size for file in staged.iterdir())
            if options.check:
                subprocess.run([*shlex.split(options.check), str(staged)], check=True)
            claim.confirm()  # The last moment at which to notice that the lease was lost.
            publish(staged, TABLE / f"order_date={options.day}")
            claim.complete(rows_written=rows, bytes_written=size)
    except Lost as loss:
        say(f"{options.day} was taken over: {loss}")
        return TRY_LATER
    except Exception as error:
        say(f"{options.day} failed: {error}")
        return 1
    finally:
        # What was not published, or what that has replaced. Whoever has it open reads on.
        shutil.rmtree(staged, ignore_errors=True)
    say(f"{options.day} complete, {rows} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
