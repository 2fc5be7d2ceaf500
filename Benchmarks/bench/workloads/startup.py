"""From the start of the process to its first claim, with a ledger that is running."""

import os
import subprocess
import sys
import time

from bench import layout, machine, ours, report
from bench.measure import FOREIGN_LIMIT, Spread
from bench.postgres import Server, program
from bench.workloads.small import WORKLOAD

HOUR = "2024-01-01T00"
PATIENCE = 20

NOTES = [
    "The first claim is the first event `claimed` that arrives on standard output of `run --json`, measured by the process "
    "that started it. Nothing is loaded before: no daemon, no warm-up beyond the page cache.",
    "The job with DuckDB also loads its library, opens a database and publishes a day of 560 rows.",
]


def run(server: Server, options) -> str:
    commands = floors(server) if options.floors_only else {**programs(server), **floors(server)}
    firsts: dict[str, list[float]] = {name: [] for name in commands}
    wholes: dict[str, list[float]] = {name: [] for name in commands}
    disturbed = False
    for turn in range((options.rounds or 15) + 1):
        # These runs are too short to judge by the processor's counters: look before each turn.
        disturbed |= machine.wait_until_quiet(FOREIGN_LIMIT, 0 if options.allow_busy else PATIENCE) > FOREIGN_LIMIT
        for name, (command, folder, environment) in commands.items():
            first, whole = times(name, command, folder, environment)
            if turn:  # the first turn warms up
                firsts[name] += [first] if first is not None else []
                wholes[name].append(whole)
    rows = [
        [
            name,
            Spread.of([value * 1000 for value in firsts[name]]).text(1) if firsts[name] else "",
            Spread.of([value * 1000 for value in wholes[name]]).text(1),
        ]
        for name in commands
    ]
    body = report.table(["command", "to the first claim, ms", "to the end, ms"], rows)
    notes = report.circumstances(layout.ROOT, layout.DATA, server.version()) + NOTES + ([report.DISTURBED] if disturbed else [])
    return report.write(layout.RESULTS, "startup", "Start-up", body, notes, {})


def programs(server: Server) -> dict[str, tuple[list[str], str, dict[str, str]]]:
    """This project, with a job that does nothing and with one that needs its engine."""
    folder = os.path.join(layout.DATA, "startup")
    layout.empty(folder)
    binary, no_operation = layout.reprocess(), layout.no_operation()
    w = WORKLOAD
    day = ours.subject(
        "day", binary, server, folder, w.job, w.column, w.source, w.sql_path, w.first, w.first,
        options=("--only", "all", "--json"),
    )  # fmt: skip
    server.recreate("ours")
    server.recreate("noop")
    hour = [no_operation, "run", "--from", HOUR, "--to", HOUR, "--only", "all", "--json"]
    elsewhere = os.path.join(layout.DATA, "noop")
    os.makedirs(elsewhere, exist_ok=True)
    command = [word for word in day.command if word != "--quiet"]
    return {
        "`reprocess --version`": ([binary, "--version"], folder, {}),
        "`run` of one partition with nothing to do": (hour, elsewhere, {"REPROCESS_DATABASE_URL": server.url("noop")}),
        "`run` of one day with DuckDB": (command, folder, day.environment),
    }


def floors(server: Server) -> dict[str, tuple[list[str], str, dict[str, str]]]:
    """What a start costs others."""
    imports = "import duckdb, psycopg; duckdb.connect(); psycopg.connect({!r})".format(server.url("postgres"))
    return {
        "`true`": (["true"], layout.DATA, {}),
        "`psql -c 'SELECT 1'`": ([program("psql"), "-Xqc", "SELECT 1", server.url("postgres")], layout.DATA, {}),
        "Python: import and open DuckDB and psycopg": ([sys.executable, "-c", imports], layout.DATA, {}),
    }


def times(name: str, command: list[str], folder: str, environment: dict[str, str]) -> tuple[float | None, float]:
    """Seconds to the first claim, where one is told, and to the end."""
    first = None
    started = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env={**os.environ, **environment}
    ) as process:
        for line in process.stdout or []:
            if first is None and b'"claimed"' in line:
                first = time.monotonic() - started
        said = process.stderr.read() if process.stderr else b""
        process.wait()
        whole = time.monotonic() - started
    if process.returncode != 0:
        raise SystemExit(f"{name} ended with {process.returncode}: {said.decode(errors='replace')}")
    return first, whole
