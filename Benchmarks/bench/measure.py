"""Runs programs in turn and keeps what each run took."""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

from bench import machine

# A run during which anything else used more than this share of the machine is made again.
FOREIGN_LIMIT = 0.12


def nothing() -> None:
    """What is done where there is nothing to do."""


@dataclasses.dataclass
class Subject:
    """A program to be measured."""

    name: str
    command: Sequence[str]
    prepare: Callable[[], None] = nothing
    """Brings the world to the same state before each run; not measured."""
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    folder: str | None = None
    output_bytes: Callable[[], int] | None = None
    """The size of what was written."""
    is_ours: bool = False
    discards_output: bool = False


@dataclasses.dataclass
class Sample:
    """What one run took."""

    seconds: float
    """From before the program is executed until it has ended."""
    work_seconds: float | None
    """What the program says its work took, without its start."""
    processor_seconds: float
    peak_mib: float
    foreign_share: float
    """The share of the machine that neither the program nor the database used."""

    @property
    def is_disturbed(self) -> bool:
        return self.foreign_share > FOREIGN_LIMIT


class ProgramFailed(Exception):
    """A program under measurement did not end well; its time means nothing."""


def run_once(subject: Subject, database_seconds: Callable[[], float]) -> Sample:
    """Runs a program once, after the disk has taken what earlier runs left to be written."""
    subject.prepare()
    os.sync()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        environment = {**os.environ, **subject.environment, "PYTHONDONTWRITEBYTECODE": "1"}
        destination = subprocess.DEVNULL if subject.discards_output else output
        own, database, busy = time.process_time(), database_seconds(), machine.busy_seconds()
        started = time.monotonic()
        process = subprocess.Popen(
            subject.command, stdout=destination, stderr=errors, env=environment, cwd=subject.folder
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:  # somebody stops the benchmark: what it started must not go on
            process.kill()
            raise
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        busy, own = machine.busy_seconds() - busy, time.process_time() - own
        database = database_seconds() - database
        used = usage.ru_utime + usage.ru_stime
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            said = errors.read().decode(errors="replace")[-2000:]
            raise ProgramFailed(f"{subject.name} ended with {process.returncode}: {' '.join(subject.command)}\n{said}")
        return Sample(
            seconds=seconds,
            work_seconds=work_seconds(output.read()),
            processor_seconds=used + database,
            peak_mib=usage.ru_maxrss / 1024,
            foreign_share=max(0.0, busy - used - database - own) / (seconds * machine.CORES),
        )


def work_seconds(output: bytes) -> float | None:
    """The `work_seconds` of a rival's report, which is the last line of its output."""
    lines = output.splitlines()
    if not lines or not lines[-1].startswith(b'{"work_seconds"'):
        return None
    return json.loads(lines[-1])["work_seconds"]


def compare(
    subjects: Sequence[Subject],
    rounds: int,
    tries: int,
    database_seconds: Callable[[], float],
    after_warm_up: Callable[[], None] = nothing,
) -> dict[str, list[Sample]]:
    """Runs all programs in turn, `rounds` times after a warm-up: A B A B. A disturbed run is tried again."""
    samples: dict[str, list[Sample]] = {subject.name: [] for subject in subjects}
    for subject in subjects:
        run_once(subject, database_seconds)
    after_warm_up()
    for number in range(1, rounds + 1):
        for subject in subjects:
            sample = run_quietly(subject, tries, database_seconds)
            samples[subject.name].append(sample)
            note = f", disturbed: others used {sample.foreign_share:.0%}" if sample.is_disturbed else ""
            print(f"  round {number}: {subject.name}: {sample.seconds:.3f} s{note}", file=sys.stderr, flush=True)
    return samples


def run_quietly(subject: Subject, tries: int, database_seconds: Callable[[], float]) -> Sample:
    """The least disturbed of a few runs; the first one where it was quiet."""
    best = run_once(subject, database_seconds)
    for _ in range(tries - 1):
        if not best.is_disturbed:
            break
        again = run_once(subject, database_seconds)
        best = min(best, again, key=lambda sample: sample.foreign_share)
    return best


@dataclasses.dataclass
class Spread:
    """Median, least and greatest of some numbers."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int = 2) -> str:
        return f"{self.median:.{digits}f} ({self.least:.{digits}f}-{self.greatest:.{digits}f})"
