"""The workloads that write a Delta table, by this project and by deltalake."""

import os

from deltalake import DeltaTable

from bench.measure import Subject
from bench.tables import Bench


def live_files(table: str) -> list[str]:
    """The files that a reader sees: what an overwrite has replaced stays on the disk."""
    return [path.removeprefix("file://") for path in DeltaTable(table).file_uris()]


def size(table: str) -> int:
    """The bytes of the live files."""
    return sum(map(os.path.getsize, live_files(table)))


class DeltaBench(Bench):
    """As for Hive directories, with a table that deltalake made as the one that is replaced."""

    format = "delta"
    before_rival = "deltalake_loop"
    digest = "bench.delta_digest"

    def ours(self, name: str, target: str = "", engine: str = "", folder: str | None = None) -> Subject:
        return self.sized(super().ours(name, target, engine, folder), name)

    def rival(self, name: str, rival: str, *options: str, uses_database: bool = False) -> Subject:
        return self.sized(super().rival(name, rival, *options, uses_database=uses_database), name)

    def sized(self, subject: Subject, name: str) -> Subject:
        table = self.tables[name]
        subject.output_bytes = lambda: size(table)
        return subject
