"""What measuring a result costs: the month of big days with and without it."""

from bench import layout
from bench.postgres import Server
from bench.tables import Bench, Workload

WORKLOAD = Workload(
    name="statistics",
    title="Statistics and digest: 30 days of 1,000,000 rows",
    job="events",
    column="event_date",
    sql="events.sql",
    first="2024-01-01",
    last="2024-01-30",
    data="big",
)

NOTES = ["Every run replaces a table that is there, of another program, and the ledger has its schema and no rows."]


def run(server: Server, options) -> str:
    bench = Bench(WORKLOAD, server, layout.reprocess())
    subjects = [bench.ours("reprocess, statistics"), bench.ours("reprocess, no statistics", statistics=False)]
    return bench.run(subjects, options.rounds or 5, options.tries, NOTES)
