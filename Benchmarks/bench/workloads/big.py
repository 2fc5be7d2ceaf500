"""A month of big days: what the rows cost."""

from bench import layout
from bench.postgres import Server
from bench.tables import Bench, Workload

WORKLOAD = Workload(
    name="big",
    title="Big partitions: 30 days of 1,000,000 rows",
    job="events",
    column="event_date",
    sql="events.sql",
    first="2024-01-01",
    last="2024-01-30",
)

NOTES = [
    "Every run replaces a table that is there. Input and output are zstd; level 3 where nothing else is said, which is "
    "DuckDB's default and Polars's.",
    "“work alone” leaves out the start of Python and its imports; this project's time always includes its start.",
]


def run(server: Server, options) -> str:
    bench = Bench(WORKLOAD, server, None if options.floors_only else layout.reprocess())
    subjects = []
    if bench.program:
        subjects.append(bench.ours("reprocess"))
        subjects.append(bench.ours("reprocess, no statistics", statistics=False))
        subjects.append(bench.ours("reprocess, V2", target=", parquet_version: v2"))
    two = ("--workers", "2", "--threads", "1")
    fast = ("--compression-level", "1")
    subjects += [
        bench.rival("DuckDB loop, V1", "duckdb_loop"),
        bench.rival("DuckDB loop, V1, fsync and rename", "duckdb_loop", "--durable"),
        bench.rival("DuckDB loop, V1, level 1, fsync and rename", "duckdb_loop", "--durable", *fast),
        bench.rival("DuckDB loop, V2, fsync and rename", "duckdb_loop", "--durable", "--parquet-version", "V2"),
        bench.rival("Polars loop", "polars_loop"),
        bench.rival("Polars loop, level 1", "polars_loop", *fast),
        bench.rival("Python script, V1", "script", uses_database=True),
        bench.rival("Python script, V1, two workers", "script", *two, uses_database=True),
        bench.rival("Python script, V1, level 1, two workers", "script", *two, *fast, uses_database=True),
    ]
    return bench.run(subjects, options.rounds or 3, options.tries, NOTES)
