"""Thousands of commits to one table: whether a commit costs more in a long log than in a short one."""

import datetime
import os

import duckdb

from bench import layout, measure, report
from bench.measure import Spread, Subject
from bench.ours import subject as ours
from bench.postgres import Server

COMMITS = 5_000
FIRST = datetime.date(2000, 1, 1)
LAST = FIRST + datetime.timedelta(days=COMMITS - 1)
EARLY, LATE = (50, 100), (COMMITS - 51, COMMITS - 1)
SQL = "SELECT i, CAST($partition_start AS DATE) AS day FROM source"

NOTES = [
    f"{COMMITS:,} days of three rows into a table that is not there, one after the other, by one worker: one log entry each.",
    f"A commit's time is when its entry was last written. Early are the commits {EARLY[0]} to {EARLY[1]}, late are "
    f"{LATE[0]} to {LATE[1]}.",
    "deltalake syncs nothing.",
]


def milliseconds(table: str, span: tuple[int, int]) -> float:
    """The mean time from one commit to the next, by the times at which the entries were written."""
    times = [os.stat(os.path.join(table, "_delta_log", f"{version:020}.json")).st_mtime_ns for version in span]
    return (times[1] - times[0]) / 1e6 / (span[1] - span[0])


def run(server: Server, options) -> str:
    folder = os.path.join(layout.DATA, "delta-long")
    layout.empty(folder)
    source = os.path.join(folder, "source.parquet")
    duckdb.execute(f"COPY (SELECT i FROM range(3) t(i)) TO '{source}' (FORMAT parquet)")
    tables = {"deltalake": os.path.join(folder, "deltalake")}
    subjects = [] if options.floors_only else [reprocess(server, folder, source)]
    tables["reprocess"] = os.path.join(folder, "lake", "long")
    subjects.append(
        Subject(
            "deltalake",
            layout.rival("deltalake_long", "--target", tables["deltalake"], "--first", str(FIRST), "--days", str(COMMITS)),
            prepare=lambda: layout.empty(tables["deltalake"]),
        )
    )
    early: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    late: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    samples: dict[str, list[measure.Sample]] = {subject.name: [] for subject in subjects}
    for _ in range(options.rounds or 3):
        for subject in subjects:
            samples[subject.name].append(measure.run_quietly(subject, options.tries, server.processor_seconds))
            early[subject.name].append(milliseconds(tables[subject.name], EARLY))
            late[subject.name].append(milliseconds(tables[subject.name], LATE))
    rows = [
        [
            f"**{subject.name}**" if subject.is_ours else subject.name,
            Spread.of([run.seconds for run in samples[subject.name]]).text(1)
            + (" †" if any(run.is_disturbed for run in samples[subject.name]) else ""),
            Spread.of(early[subject.name]).text(),
            Spread.of(late[subject.name]).text(),
            f"{max(run.peak_mib for run in samples[subject.name]):.0f}",
        ]
        for subject in subjects
    ]
    body = report.table(["who", "seconds, start to end", "ms a commit, early", "ms a commit, late", "peak MiB"], rows)
    notes = report.circumstances(layout.ROOT, layout.DATA, server.version()) + NOTES
    return report.write(layout.RESULTS, "delta-long", f"Delta table: {COMMITS:,} commits", body, notes, samples)


def reprocess(server: Server, folder: str, source: str) -> Subject:
    program = layout.reprocess()
    sql = os.path.join(folder, "long.sql")
    with open(sql, "w", encoding="utf-8") as file:
        file.write(SQL)
    server.recreate("ours_template")
    subject = ours(
        "reprocess", program, server, folder, "long", "day", source, sql, str(FIRST), str(LAST), table_format="delta",
        options=("--workers", "1"),
    )  # fmt: skip
    # The source is one file, the same for each day.
    path = os.path.join(folder, "reprocess.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace("/%Y-%m-%d.parquet", ""))
    return subject
