"""A PostgreSQL server of the benchmark's own, with the defaults of an installed one: fsync is on."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile

from bench.machine import TICKS

USER = "postgres"


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the newest version installed."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.split("/")[4]))
    path = found[-1] if found else shutil.which(name)
    if path is None:
        raise SystemExit(f"benchmarks need PostgreSQL's {name}; install it with: apt-get install postgresql")
    return path


class Server:
    """A server on a Unix socket below /var/tmp, which is on a disk where /tmp may not be."""

    def __enter__(self) -> "Server":
        self.folder = tempfile.mkdtemp(prefix="reprocess-bench-", dir="/var/tmp")
        self.data = os.path.join(self.folder, "data")
        self.identity: dict[str, object] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        try:
            self.administer("initdb", "-D", self.data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-locale")
            options = f"-k {self.folder} -c listen_addresses=''"
            log = os.path.join(self.folder, "log")
            self.administer("pg_ctl", "-D", self.data, "-l", log, "-w", "-o", options, "start")
        except BaseException:
            shutil.rmtree(self.folder)
            raise
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as file:
            self.process = int(file.readline())
        return self

    def __exit__(self, *_: object) -> None:
        self.administer("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")
        shutil.rmtree(self.folder)

    def administer(self, name: str, *arguments: str) -> None:
        """Runs one of the server's own programs as the server's user."""
        subprocess.run(
            [program(name), *arguments], check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.identity
        )

    def url(self, database: str) -> str:
        """Where a database is, in the form that libpq and psycopg read."""
        return f"postgresql:///{database}?host={self.folder}&user={USER}"

    def run_sql(self, database: str, sql: str) -> str:
        """Runs statements and returns what they print."""
        command = [program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def recreate(self, database: str, template: str = "template1") -> None:
        """Makes a database anew, and connects once: the first connection to a database fills its catalogue cache."""
        self.run_sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self.run_sql("postgres", f"CREATE DATABASE {database} TEMPLATE {template}")
        self.run_sql("postgres", "CHECKPOINT")
        self.run_sql(database, "SELECT 1")

    def version(self) -> str:
        """The server's version."""
        return self.run_sql("postgres", "SHOW server_version").split()[0]

    def processor_seconds(self) -> float:
        """What the server and all processes that it ever started have used."""
        total = usage(self.process, with_ended_children=True)
        for child in children(self.process):
            total += usage(child, with_ended_children=False)
        return total


def children(process: int) -> list[int]:
    with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
        return [int(number) for number in file.read().split()]


def usage(process: int, with_ended_children: bool) -> float:
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile, and its parent's count has it
        return 0.0
    own, ended = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
    return (own + (ended if with_ended_children else 0)) / TICKS
