"""Six months of small days: what a partition costs besides its rows."""

from bench import layout
from bench.postgres import Server
from bench.tables import Bench, Workload

WORKLOAD = Workload(
    name="small",
    title="Small partitions: 182 days of about 627 rows",
    job="orders",
    column="o_orderdate",
    sql="orders.sql",
    first="2024-01-01",
    last="2024-06-30",
)

NOTES = [
    "Every run replaces a table that is there; the ledger has its schema and no rows.",
    "“work alone” leaves out the start of Python and its imports; this project's time always includes its start.",
    "The script is DuckDB, RUNNING and COMPLETE rows in PostgreSQL and a rename: no claims, no fences, no sync.",
]


def run(server: Server, options) -> str:
    bench = Bench(WORKLOAD, server, None if options.floors_only else layout.reprocess())
    subjects = []
    if bench.program:
        subjects.append(bench.ours("reprocess"))
        subjects.append(bench.ours("reprocess, no statistics", statistics=False))
        subjects.append(bench.ours("reprocess, V2", target=", parquet_version: v2"))
    subjects += [
        bench.rival("DuckDB loop, V1", "duckdb_loop"),
        bench.rival("DuckDB loop, V1, fsync and rename", "duckdb_loop", "--durable"),
        bench.rival("DuckDB loop, V2, fsync and rename", "duckdb_loop", "--durable", "--parquet-version", "V2"),
        bench.rival("Python script, V1", "script", uses_database=True),
        bench.rival("Python script, V2", "script", "--parquet-version", "V2", uses_database=True),
    ]
    return bench.run(subjects, options.rounds or 7, options.tries, NOTES)
