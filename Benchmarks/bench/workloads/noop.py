"""Partitions with nothing to do: what claiming and recording cost."""

import os

from bench import hours, layout, measure, report
from bench.measure import Sample, Spread, Subject
from bench.postgres import Server, program

PARTITIONS = 20_000
FIRST, LAST = hours.bounds("2022-01-01", PARTITIONS)

# What any claim needs at the least: take a row that nobody has, mark it RUNNING, mark it COMPLETE; two commits.
FLOOR_TABLES = f"""
CREATE SEQUENCE fence;
CREATE TABLE claims (key int PRIMARY KEY, status text NOT NULL, fence bigint, lease timestamptz) WITH (fillfactor = 60);
CREATE INDEX ON claims (key) WHERE status = 'PENDING';
INSERT INTO claims SELECT n, 'PENDING' FROM generate_series(1, {PARTITIONS}) n;
ANALYZE claims;
"""
FLOOR_SCRIPT = """
UPDATE claims SET status = 'RUNNING', fence = nextval('fence'), lease = now() + interval '90 s'
WHERE key = (
    SELECT key FROM claims WHERE status = 'PENDING' ORDER BY key LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING key \\gset
UPDATE claims SET status = 'COMPLETE', lease = NULL WHERE key = :key;
"""

NOTES = [
    f"{PARTITIONS:,} partitions; whole processes, from start to end.",
    "The floor is pgbench: one statement that claims, one that completes, two commits; no history of attempts, no "
    "heartbeat, no batches.",
    "The script marks RUNNING and COMPLETE with an upsert each, on one connection.",
]


def run(server: Server, options) -> str:
    subjects = [] if options.floors_only else ours(server)
    subjects += [script(server), floor(server, 1), floor(server, 8)]
    samples = measure.compare(subjects, options.rounds or 5, options.tries, server.processor_seconds)
    notes = report.circumstances(layout.ROOT, layout.DATA, server.version()) + NOTES
    title = "Partitions with nothing to do"
    return report.write(layout.RESULTS, "noop", title, table(subjects, samples), notes, samples)


def ours(server: Server) -> list[Subject]:
    """The job that does nothing, with as many workers as it takes by itself, and with one."""
    command = [layout.no_operation(), "run", "--from", FIRST, "--to", LAST, "--quiet"]
    folder = os.path.join(layout.DATA, "noop")
    layout.empty(folder)

    def prepare() -> None:
        server.recreate("noop")

    environment = {"REPROCESS_DATABASE_URL": server.url("noop")}
    return [
        Subject(name, [*command, *extra], prepare, environment, folder, is_ours=True)
        for name, extra in [("reprocess", []), ("reprocess, one worker", ["--workers", "1"])]
    ]


def script(server: Server) -> Subject:
    command = layout.rival("marks", "--database", server.url("script"), "--partitions", str(PARTITIONS))
    return Subject("Python script", command, lambda: server.recreate("script"))


def floor(server: Server, clients: int) -> Subject:
    path = os.path.join(layout.DATA, "floor.sql")
    with open(path, "w", encoding="utf-8") as file:
        file.write(FLOOR_SCRIPT)

    def prepare() -> None:
        server.recreate("floor")
        server.run_sql("floor", FLOOR_TABLES)

    count = ["-c", str(clients), "-j", str(min(clients, 2)), "-t", str(PARTITIONS // clients)]
    command = [program("pgbench"), "-n", "-M", "prepared", "-f", path, *count, server.url("floor")]
    return Subject(f"floor, {clients} client{'s' if clients > 1 else ''}", command, prepare)


def table(subjects: list[Subject], samples: dict[str, list[Sample]]) -> str:
    rows = []
    for subject in subjects:
        runs = samples[subject.name]
        rates = Spread.of([PARTITIONS / run.seconds for run in runs])
        mark = " †" if any(run.is_disturbed for run in runs) else ""
        rows.append([
            f"**{subject.name}**" if subject.is_ours else subject.name,
            rates.text(0) + mark,
            f"{1000 / rates.median:.3f}",
            f"{Spread.of([run.processor_seconds for run in runs]).median:.1f}",
            f"{max(run.peak_mib for run in runs):.0f}",
        ])  # fmt: skip
    return report.table(["who", "partitions a second", "ms a partition", "processor s", "peak MiB"], rows)
