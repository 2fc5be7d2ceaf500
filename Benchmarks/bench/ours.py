"""This project's program as a subject: its configuration, its table, and its ledger."""

import os
from collections.abc import Callable

from bench import layout
from bench.measure import Subject
from bench.postgres import Server

CONFIGURATION = """\
{engine}jobs:
  {job}:
    partition: {{ column: {column}, every: day }}
    source: {{ path: "{source}/%Y-%m-%d.parquet", format: parquet }}
    target: {{ path: lake/{job}, format: {format}{target} }}
    statistics: {statistics}
    transform: {sql}
"""


def subject(
    name: str,
    program: str,
    server: Server,
    folder: str,
    job: str,
    column: str,
    source: str,
    sql: str,
    first: str,
    last: str,
    table_format: str = "hive",
    target: str = "",
    engine: str = "",
    options: tuple[str, ...] = (),
    seed: Callable[[str], None] = layout.empty,
    statistics: bool = True,
) -> Subject:
    """`reprocess run` of a range, on a migrated but empty ledger, over a table in the state that `seed` makes."""
    database = "ours"
    table = os.path.join(folder, "lake", job)
    os.makedirs(os.path.dirname(table), exist_ok=True)
    with open(os.path.join(folder, "reprocess.yaml"), "w", encoding="utf-8") as file:
        file.write(
            CONFIGURATION.format(
                job=job, column=column, source=source, sql=sql, target=target, format=table_format,
                engine=f"engine: {{ {engine} }}\n" if engine else "", statistics=str(statistics).lower(),
            )
        )  # fmt: skip

    def prepare() -> None:
        layout.empty(os.path.join(folder, "lake"))
        seed(table)
        server.recreate(database, template="ours_template")

    return Subject(
        name=name,
        command=[program, "run", "--from", first, "--to", last, "--quiet", *options],
        prepare=prepare,
        environment={"REPROCESS_DATABASE_URL": server.url(database)},
        folder=folder,
        output_bytes=lambda: layout.size(table),
        is_ours=True,
    )
