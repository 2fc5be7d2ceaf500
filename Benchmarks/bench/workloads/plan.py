"""A plan of a million partitions: an hourly job over 114 years."""

import os
import subprocess
import sys

from bench import hours, layout, measure, report
from bench.measure import Subject
from bench.postgres import Server

PARTITIONS = 1_000_000
FIRST, LAST = hours.bounds("1910-01-01", PARTITIONS)

CONFIGURATION = """\
jobs:
  hourly:
    partition: { column: hour, every: hour }
    source: { path: source/%Y-%m-%dT%H.parquet, format: parquet }
    target: { path: lake/hourly, format: hive }
    transform: hourly.sql
"""
# What a person would write to carry old progress over; it counts as complete for every version of the transform.
FULL = f"""
INSERT INTO reprocess.partition_progress (job, partition_key, status)
SELECT 'hourly', to_char(t, 'YYYY-MM-DD"T"HH24'), 'COMPLETE'
FROM generate_series(timestamp '{FIRST}:00', timestamp '{LAST}:00', interval '1 hour') t
"""
COUNT = "import json, sys; d = json.load(sys.stdin)['partitions']; print(*sorted({p['action'] for p in d}), len(d))"

NOTES = [
    f"`reprocess plan --from {FIRST} --to {LAST} --json > /dev/null`: {PARTITIONS:,} partitions, each with its reason.",
    "The full ledger has a COMPLETE row for each of them. Memory is this project's process, without the server's.",
]


def run(server: Server, options) -> str:
    if options.floors_only:
        return "## Planning 1,000,000 partitions\n\nNothing to measure: this workload has no floor.\n"
    folder = os.path.join(layout.DATA, "plan")
    layout.empty(folder)
    with open(os.path.join(folder, "reprocess.yaml"), "w", encoding="utf-8") as file:
        file.write(CONFIGURATION)
    with open(os.path.join(folder, "hourly.sql"), "w", encoding="utf-8") as file:
        file.write("SELECT * FROM source\n")
    program = layout.reprocess()
    subjects = [subject(server, program, folder, name) for name in ("ledger_empty", "ledger_full")]
    prepare(server, program, folder)
    samples = measure.compare(subjects, options.rounds or 5, options.tries, server.processor_seconds)
    notes = report.circumstances(layout.ROOT, layout.DATA, server.version()) + NOTES
    body = report.comparison(subjects, samples, None)
    return report.write(layout.RESULTS, "plan", "Planning 1,000,000 partitions", body, notes, samples)


def subject(server: Server, program: str, folder: str, database: str) -> Subject:
    return Subject(
        name=database.replace("ledger_", "") + " ledger",
        command=[program, "plan", "--from", FIRST, "--to", LAST, "--json"],
        environment={"REPROCESS_DATABASE_URL": server.url(database)},
        folder=folder,
        is_ours=True,
        discards_output=True,
    )


def prepare(server: Server, program: str, folder: str) -> None:
    """Makes both ledgers, and sees that the plans are what they should be."""
    for database, expected in (("ledger_empty", f"run {PARTITIONS}"), ("ledger_full", f"skip {PARTITIONS}")):
        server.recreate(database)
        plan(server, program, folder, database, FIRST)
        if database == "ledger_full":
            server.run_sql(database, FULL)
            server.run_sql(database, "VACUUM ANALYZE reprocess.partition_progress")
        found = plan(server, program, folder, database, LAST)
        if found != expected:
            raise SystemExit(f"the plan on the {database} ledger is '{found}', not '{expected}'")


def plan(server: Server, program: str, folder: str, database: str, last: str) -> str:
    """What a plan decides for its partitions, and how many they are."""
    environment = {**os.environ, "REPROCESS_DATABASE_URL": server.url(database)}
    command = [program, "plan", "--from", FIRST, "--to", last, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=folder) as planning:
        counting = subprocess.run(
            [sys.executable, "-c", COUNT], stdin=planning.stdout, capture_output=True, text=True, check=True
        )
    if planning.returncode != 0:
        raise SystemExit(f"`{' '.join(command)}` ended with {planning.returncode}")
    return counting.stdout.strip()
