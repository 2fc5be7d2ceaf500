"""The workloads that write a table: the same transform of the same files by this project and by what it is held against."""

import dataclasses
import os
import shutil
import subprocess
import sys

from bench import layout, measure, ours, report
from bench.measure import Subject
from bench.postgres import Server


@dataclasses.dataclass
class Workload:
    """Days of source files, and a transform."""

    name: str
    title: str
    job: str
    column: str
    sql: str
    first: str
    last: str
    data: str = ""
    """The workload whose source files are used; its own where nothing is said."""

    @property
    def source(self) -> str:
        return layout.source(self.data or self.name)

    @property
    def folder(self) -> str:
        return os.path.join(layout.DATA, self.name)

    @property
    def sql_path(self) -> str:
        return os.path.join(layout.HERE, "sql", self.sql)


class Bench:
    """One workload with its server, and the table that every run finds when it starts."""

    format = "hive"
    before_rival = "duckdb_loop"
    digest = "bench.digest"

    def __init__(self, workload: Workload, server: Server, program: str | None) -> None:
        self.workload, self.server, self.program = workload, server, program
        self.source = workload.source
        self.before = os.path.join(workload.folder, "before")
        self.tables: dict[str, str] = {}
        self.prepare_table_before()
        if program:
            self.prepare_ledger(program)

    def prepare_table_before(self) -> None:
        """Makes the table that is replaced: what the bare loop, or another rival, writes."""
        if not os.path.isdir(self.before):
            unfinished = self.before + ".unfinished"
            layout.empty(unfinished)
            subprocess.run(self.rival_command(self.before_rival, unfinished), check=True, stdout=subprocess.DEVNULL)
            os.rename(unfinished, self.before)

    def prepare_ledger(self, program: str) -> None:
        """Makes a database with the ledger's schema and no rows, of which every run gets a copy."""
        self.server.recreate("ours_template")
        folder = os.path.join(self.workload.folder, "template")
        layout.empty(folder)
        subject = self.ours("template", folder=folder)
        environment = {**os.environ, "REPROCESS_DATABASE_URL": self.server.url("ours_template")}
        subprocess.run(
            [program, "plan", "--from", self.workload.first, "--to", self.workload.last, "--json"],
            check=True, stdout=subprocess.DEVNULL, cwd=subject.folder, env=environment,
        )  # fmt: skip

    def seed(self, table: str) -> None:
        """Puts the table before into its place."""
        shutil.rmtree(table, ignore_errors=True)
        shutil.copytree(self.before, table)

    def rival_command(self, rival: str, target: str, *options: str) -> list[str]:
        w = self.workload
        where = ["--source", self.source, "--target", target, "--column", w.column, "--sql", w.sql_path]
        return layout.rival(rival, *where, "--from", w.first, "--to", w.last, *options)

    def rival(self, name: str, rival: str, *options: str, uses_database: bool = False) -> Subject:
        """A rival, with a table of its own."""
        target = os.path.join(self.workload.folder, "rivals", name.replace(" ", "-").replace(",", ""))
        if uses_database:
            options = (*options, "--database", self.server.url("script"))
        self.tables[name] = target

        def prepare() -> None:
            self.seed(target)
            if uses_database:
                self.server.recreate("script")

        return Subject(
            name=name,
            command=self.rival_command(rival, target, *options),
            prepare=prepare,
            output_bytes=lambda: layout.size(target),
        )

    def ours(
        self, name: str, target: str = "", engine: str = "", folder: str | None = None, statistics: bool = True
    ) -> Subject:
        """This project's program, with a folder of its own."""
        w = self.workload
        place = folder or os.path.join(w.folder, "ours", name.replace(" ", "-").replace(",", ""))
        self.tables[name] = os.path.join(place, "lake", w.job)
        os.makedirs(place, exist_ok=True)
        return ours.subject(
            name, self.program or "", self.server, place, w.job, w.column, self.source, w.sql_path, w.first, w.last,
            table_format=self.format, target=target, engine=engine, seed=self.seed, statistics=statistics,
        )  # fmt: skip

    def run(self, subjects: list[Subject], rounds: int, tries: int, notes: list[str]) -> str:
        """Checks that all programs write the same table, measures them, and writes the page."""
        samples = measure.compare(
            subjects, rounds, tries, self.server.processor_seconds, after_warm_up=lambda: self.check(subjects)
        )
        first = next((subject.name for subject in subjects if subject.is_ours), None)
        notes = report.circumstances(layout.ROOT, layout.DATA, self.server.version()) + notes
        body = report.comparison(subjects, samples, first)
        return report.write(layout.RESULTS, self.workload.name, self.workload.title, body, notes, samples)

    def check(self, subjects: list[Subject]) -> None:
        """Stops where two programs did not write the same rows."""
        names = [subject.name for subject in subjects]
        folders = [self.tables[name] for name in names]
        command = [sys.executable, "-m", self.digest, self.workload.column, *folders]
        printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=layout.HERE).stdout.split()
        digests = dict(zip(names, printed, strict=True))
        if len(set(digests.values())) != 1:
            raise SystemExit(f"the programs did not write the same rows (rows:digest): {digests}")
