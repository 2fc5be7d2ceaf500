"""The ledger alone, with few and with a million partitions, and while an old transaction keeps dead rows alive."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import hours, layout, machine, report
from bench.measure import FOREIGN_LIMIT, Spread
from bench.postgres import Server, program

SMALL, BIG = 1_000, 1_000_000
PATIENCE = 20
# How often each connection claims and completes; about a second each on the machine of RESULTS.md.
PAIRS = {(1, 1): 2_000, (8, 1): 600, (64, 1): 100, (1, 16): 500, (8, 16): 100, (64, 16): 12}
NOOP_PARTITIONS = 20_000

# What a person would find in a ledger: most is complete, a part is pending, a little has failed or is held.
FILL = """
INSERT INTO reprocess.partition_progress (
    job, partition_key, partition_date, status, fence, table_identity, completed_at, transform_version)
SELECT 'orders', to_char(h.at, 'YYYY-MM-DD"T"HH24'), h.at::date, h.status, h.n + 1, 'lake/orders',
    CASE WHEN h.status IN ('COMPLETE', 'FAILED') THEN now() END, '1'
FROM (
    SELECT n, timestamp '1970-01-01' + make_interval(hours => n) AS at,
        CASE WHEN n % 10000 = 7 THEN 'FAILED' WHEN n % 2 = 0 THEN 'PENDING' ELSE 'COMPLETE' END AS status
    FROM generate_series(0, {partitions} - 1) n) h
"""
# The floor: as many commits that change as many rows, in a table of two columns, without any rule.
FLOOR_TABLE = """
CREATE TABLE floor (key int PRIMARY KEY, changes int NOT NULL DEFAULT 0) WITH (fillfactor = 60);
INSERT INTO floor SELECT n FROM generate_series(0, 1000015) n;
"""
FLOOR_SCRIPT = """
\\set key random(0, 1000000)
UPDATE floor SET changes = changes + 1 WHERE key >= :key AND key < :key + {batch};
UPDATE floor SET changes = changes + 1 WHERE key >= :key AND key < :key + {batch};
"""

NOTES = [
    f"{BIG:,} partitions are 114 years of hours. Claims and completions go through this project's Swift library, a ledger "
    "with its connections for each worker; a pair is one partition claimed and completed, in two commits.",
    "The floor is pgbench with prepared statements: two commits, each of which changes as many rows of two columns as the "
    "batch has. The ratio is this project's rate over the floor's, round by round.",
    "An old transaction is a session that was left open with a snapshot from before the measurement, so that no dead row "
    "can be removed; 20,000 pairs come before what is measured then.",
    "`status` is what the command asks the ledger: counts, speed, and the rows that run, failed and are held; every other "
    "time for a range that begins and ends within a month.",
]


def run(server: Server, options) -> str:
    if options.floors_only:
        return "## The ledger\n\nNothing to measure: this workload holds this project against its floor.\n"
    binary, no_operation = layout.built(os.path.join(layout.HERE, "LedgerSpeed"), "LedgerSpeed"), layout.no_operation()
    bench = Bench(server, binary)
    bench.prepare()
    rates: dict[tuple[int, int, str], list[float]] = {}
    waits: dict[tuple[str, int, str], list[float]] = {}
    noop: list[float] = []
    disturbed = False
    for turn in range((options.rounds or 5) + 1):
        disturbed |= machine.wait_until_quiet(FOREIGN_LIMIT, 0 if options.allow_busy else PATIENCE) > FOREIGN_LIMIT
        found = bench.round()
        if turn == 0:  # the first turn warms up
            continue
        for key, rate in found.rates.items():
            rates.setdefault(key, []).append(rate)
        for key, milliseconds in found.waits.items():
            waits.setdefault(key, []).extend(milliseconds)
        noop.append(bench.controller(no_operation))
        print(f"  round {turn}: done", file=sys.stderr, flush=True)
    body = rates_table(rates, noop) + "\n" + waits_table(waits)
    notes = report.circumstances(layout.ROOT, layout.DATA, server.version()) + NOTES
    return report.write(
        layout.RESULTS, "ledger", "The ledger", body, notes + ([report.DISTURBED] if disturbed else []), {}
    )


class Found:
    """What one round has measured."""

    def __init__(self) -> None:
        self.rates: dict[tuple[int, int, str], float] = {}
        self.waits: dict[tuple[str, int, str], list[float]] = {}


class Bench:
    """Databases that are ready to be measured, and the program that measures."""

    def __init__(self, server: Server, binary: str) -> None:
        self.server = server
        self.binary = binary

    def prepare(self) -> None:
        """Makes one ledger of each size, from which each round gets a copy."""
        for partitions in (SMALL, BIG):
            name = f"ledger_{partitions}"
            print(f"filling a ledger with {partitions:,} partitions", file=sys.stderr, flush=True)
            self.server.recreate(name)
            self.ask(name, "claims", "--count", "0", "--batch", "0")  # makes the schema
            self.server.run_sql(name, FILL.format(partitions=partitions))
            self.server.run_sql(name, f"SELECT setval('reprocess.fence', {partitions + 1})")
            self.server.run_sql(name, "VACUUM ANALYZE")
        self.server.recreate("floor")
        self.server.run_sql("floor", FLOOR_TABLE)
        self.server.run_sql("floor", "VACUUM ANALYZE")

    def round(self) -> Found:
        found = Found()
        self.server.recreate("ledger", template=f"ledger_{BIG}")
        first = 0
        for (connections, batch), count in PAIRS.items():
            found.rates[connections, batch, "floor"] = self.floor(connections, batch, count)
            found.rates[connections, batch, "ours"] = self.pairs(connections, batch, count, first)
            first += connections * batch * (count + 8)
        found.rates[1, 16, "heartbeats"] = self.heartbeats()
        for partitions in (SMALL, BIG):
            self.server.recreate("ledger", template=f"ledger_{partitions}")
            self.wait(found, partitions, "")
            with self.old_transaction():
                self.pairs(1, 16, 1_250, 0, partitions)
                self.wait(found, partitions, "under an old transaction")
                if partitions == BIG:
                    found.rates[1, 16, "ours under an old transaction"] = self.pairs(1, 16, PAIRS[1, 16], 100_000)
                    found.rates[1, 16, "heartbeats under an old transaction"] = self.heartbeats()
        return found

    def wait(self, found: Found, partitions: int, circumstance: str) -> None:
        size = ("--partitions", str(partitions))
        found.waits["claim", partitions, circumstance] = self.ask(
            "ledger", "claims", "--count", "50", "--batch", "1", *size
        )["milliseconds"]
        found.waits["status", partitions, circumstance] = self.ask("ledger", "status", "--count", "50", *size)["milliseconds"]

    def pairs(self, connections: int, batch: int, count: int, first: int, partitions: int = BIG) -> float:
        arguments = ["--connections", str(connections), "--batch", str(batch), "--count", str(count)]
        measured = self.ask("ledger", "pairs", *arguments, "--first", str(first), "--partitions", str(partitions))
        return measured["count"] / measured["seconds"]

    def heartbeats(self) -> float:
        measured = self.ask("ledger", "heartbeats", "--batch", "16", "--count", "2000", "--first", "900000")
        return measured["count"] / measured["seconds"]

    def floor(self, connections: int, batch: int, count: int) -> float:
        path = os.path.join(layout.DATA, "ledger-floor.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write(FLOOR_SCRIPT.format(batch=batch))
        clients = ["-c", str(connections), "-j", str(min(connections, 2)), "-t", str(count)]
        command = [program("pgbench"), "-n", "-M", "prepared", "-f", path, *clients, self.server.url("floor")]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        rate = next(line.split()[2] for line in said.splitlines() if line.startswith("tps"))
        return float(rate) * batch

    def controller(self, no_operation: str) -> float:
        """Partitions a second of a whole run of the job that does nothing."""
        self.server.recreate("noop")
        first, last = hours.bounds("2000-01-01", NOOP_PARTITIONS)
        folder = os.path.join(layout.DATA, "noop")
        layout.empty(folder)
        environment = {**os.environ, "REPROCESS_DATABASE_URL": self.server.url("noop")}
        command = [no_operation, "run", "--from", first, "--to", last, "--quiet"]
        started = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, env=environment)
        return NOOP_PARTITIONS / (time.monotonic() - started)

    def ask(self, database: str, workload: str, *arguments: str) -> dict:
        command = [self.binary, "--workload", workload, "--database", self.server.url(database), *arguments]
        outcome = subprocess.run(command, capture_output=True, text=True)
        if outcome.returncode != 0:
            raise SystemExit(f"{' '.join(command)} ended with {outcome.returncode}: {outcome.stderr}")
        return json.loads(outcome.stdout)

    @contextmanager
    def old_transaction(self) -> Iterator[None]:
        """A session that somebody left open."""
        command = [program("psql"), "-Xq", "-d", self.server.url("ledger")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
            session.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\n\\t on\nSELECT 'open' FROM (SELECT 1) one;\n")
            session.stdin.flush()
            if "open" not in session.stdout.readline():
                raise SystemExit("the old transaction did not begin")
            try:
                yield
            finally:
                session.stdin.close()
                session.wait()


def rates_table(rates: dict[tuple[int, int, str], list[float]], noop: list[float]) -> str:
    rows = []
    for connections, batch in PAIRS:
        ours, floors = rates[connections, batch, "ours"], rates[connections, batch, "floor"]
        share = Spread.of([one / other for one, other in zip(ours, floors, strict=True)])
        what = f"claim and complete, {connections} connection{'s' if connections > 1 else ''}"
        rows.append([
            f"**{what}, {'one by one' if batch == 1 else f'{batch} at a time'}**", Spread.of(ours).text(0),
            Spread.of(floors).text(0), share.text(),
        ])  # fmt: skip
    rows.append(["**a whole run of `noop`, as the controller does it**", Spread.of(noop).text(0), "", ""])
    for (_, _, name), values in rates.items():
        if name.startswith("heartbeats"):
            rows.append([f"{name.replace('heartbeats', 'heartbeats of 16 leases')}", Spread.of(values).text(0), "", ""])
    pinned = rates[1, 16, "ours under an old transaction"]
    plain = Spread.of([one / other for one, other in zip(pinned, rates[1, 16, "ours"], strict=True)])
    rows.append([
        "claim and complete, 1 connection, 16 at a time, under an old transaction", Spread.of(pinned).text(0), "",
        f"{plain.text()} of the rate without one",
    ])  # fmt: skip
    return report.table(["what", "a second", "floor", "ratio"], rows)


def waits_table(waits: dict[tuple[str, int, str], list[float]]) -> str:
    rows = []
    for (what, partitions, circumstance), values in waits.items():
        ordered = sorted(values)
        slowest = ordered[int(len(ordered) * 0.95)]
        name = f"{what}, {partitions:,} partitions{', ' + circumstance if circumstance else ''}"
        rows.append([name, Spread.of(values).text(), f"{slowest:.2f}"])
    return report.table(["one answer, ms", "median (least-greatest)", "95 of 100 within"], rows)
