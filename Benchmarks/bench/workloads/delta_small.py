"""Six months of small days into a Delta table: what a commit costs."""

from bench import layout
from bench.delta import DeltaBench
from bench.postgres import Server
from bench.tables import Workload

WORKLOAD = Workload(
    name="delta-small",
    title="Delta table, small partitions: 182 days of about 627 rows",
    job="orders",
    column="o_orderdate",
    sql="orders.sql",
    first="2024-01-01",
    last="2024-06-30",
    data="small",
)

NOTES = [
    "Every run replaces a table that deltalake made, of one version a day; the ledger has its schema and no rows.",
    "deltalake replaces each day by an overwrite with a predicate; DuckDB runs the transform for it. It syncs nothing, and "
    "has no ledger and no fences.",
    "“fsync” is the same program and syncs each day's files, folder and log entry after the commit.",
    "“work alone” leaves out the start of Python and its imports; this project's time always includes its start.",
]


def run(server: Server, options) -> str:
    bench = DeltaBench(WORKLOAD, server, None if options.floors_only else layout.reprocess())
    subjects = [bench.ours("reprocess")] if bench.program else []
    subjects += [
        bench.rival("deltalake", "deltalake_loop"),
        bench.rival("deltalake, fsync", "deltalake_loop", "--durable"),
    ]
    return bench.run(subjects, options.rounds or 5, options.tries, NOTES)
