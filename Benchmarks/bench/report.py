"""Writes tables of results in Markdown."""

import dataclasses
import json
import os
import subprocess
from collections.abc import Sequence
from datetime import date

from bench import machine
from bench.measure import Sample, Spread, Subject

DISTURBED = "† Others kept the machine busy during at least one of these runs: do not quote."


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def comparison(subjects: Sequence[Subject], samples: dict[str, list[Sample]], ours: str | None) -> str:
    """One row a program, with the time of the program called `ours` over its time, round by round."""
    head = ["who", "seconds, start to end", "work alone", "processor s", "peak MiB", "MB written"]
    if ours:
        head.append("ours / this, per round")
    rows = []
    for subject in subjects:
        runs = samples[subject.name]
        work = [run.work_seconds for run in runs if run.work_seconds is not None]
        row = [
            f"**{subject.name}**" if subject.is_ours else subject.name,
            Spread.of([run.seconds for run in runs]).text() + (" †" if any(run.is_disturbed for run in runs) else ""),
            Spread.of(work).text() if work else "",
            f"{Spread.of([run.processor_seconds for run in runs]).median:.2f}",
            f"{max(run.peak_mib for run in runs):.0f}",
            f"{subject.output_bytes() / 1e6:.1f}" if subject.output_bytes else "",
        ]
        if ours:
            row.append("" if subject.name == ours else ratios(samples[ours], runs))
        rows.append(row)
    return table(head, rows)


def ratios(ours: Sequence[Sample], others: Sequence[Sample]) -> str:
    """How long ours took against another, from start to end; where it says so, also against its work alone."""
    whole = Spread.of([one.seconds / other.seconds for one, other in zip(ours, others, strict=True)]).text()
    if any(other.work_seconds is None for other in others):
        return whole
    alone = [one.seconds / (other.work_seconds or 1) for one, other in zip(ours, others, strict=True)]
    return f"{whole}; its work alone {Spread.of(alone).text()}"


def commit(root: str) -> str:
    """The commit that was measured, marked where files differ from it."""
    command = ["git", "-C", root, "describe", "--always", "--dirty", "--exclude=*"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def write(
    folder: str, name: str, title: str, body: str, notes: Sequence[str], samples: dict[str, list[Sample]]
) -> str:
    """Writes the page of one workload and its raw figures; returns the page."""
    disturbed = any(run.is_disturbed for runs in samples.values() for run in runs)
    remarks = list(notes)
    if disturbed:
        remarks.append(DISTURBED)
    page = f"## {title}\n\n{body}\n" + "".join(f"* {remark}\n" for remark in remarks)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{name}.md"), "w", encoding="utf-8") as file:
        file.write(page)
    raw = {key: [dataclasses.asdict(run) for run in runs] for key, runs in samples.items()}
    with open(os.path.join(folder, f"{name}.json"), "w", encoding="utf-8") as file:
        json.dump(raw, file, indent=1)
    return page


def circumstances(root: str, folder: str, postgres: str) -> list[str]:
    """What a reader must know to judge the figures."""
    return [
        f"Measured {date.today()} at commit {commit(root)} on {machine.description(folder)}.",
        f"PostgreSQL {postgres} with fsync, one server for all; DuckDB 1.5.5; input in the page cache; medians, with the "
        "least and the greatest in brackets; the programs took turns.",
    ]
