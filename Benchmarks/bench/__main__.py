"""The command line: `Benchmarks/run [small|big|delta-small|delta-big|delta-long|noop|plan|ledger|startup|all]`."""

import argparse
import importlib
import os
import signal
import sys

from bench import layout, machine
from bench.measure import FOREIGN_LIMIT, ProgramFailed
from bench.postgres import Server

WORKLOADS = ["small", "big", "statistics", "delta-small", "delta-big", "delta-long", "noop", "plan", "ledger", "startup"]
PATIENCE = 60
# How often a run is made that others disturb, before the least disturbed one is taken.
TRIES = 4


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description="Measures this project beside its rivals.")
    parser.add_argument("workload", nargs="?", choices=[*WORKLOADS, "all"], default="small")
    parser.add_argument("--rounds", type=int, help="how often each program is measured (default: enough for a median)")
    parser.add_argument("--floors-only", action="store_true", help="leave this project out")
    parser.add_argument("--allow-busy", action="store_true", help="measure although others use the machine")
    options = parser.parse_args()
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {options.rounds}")
    options.tries = 1 if options.allow_busy else TRIES
    return options


def main() -> int:
    options = parse()
    # So that the server is stopped and its folder removed, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # The shortest way to wrong figures is a machine that somebody else is using.
    share = machine.wait_until_quiet(FOREIGN_LIMIT, 0 if options.allow_busy else PATIENCE)
    if share > FOREIGN_LIMIT and not options.allow_busy:
        print(
            f"others use {share:.0%} of this machine, after {PATIENCE} s of waiting; wait until it is quiet, or measure "
            "all the same with --allow-busy",
            file=sys.stderr,
        )
        return 2
    os.makedirs(layout.DATA, exist_ok=True)
    with Server() as server:
        for name in WORKLOADS if options.workload == "all" else [options.workload]:
            try:
                print(importlib.import_module("bench.workloads." + name.replace("-", "_")).run(server, options))
            except ProgramFailed as failure:
                print(failure, file=sys.stderr)
                return 1
    print(f"pages and raw figures are in {os.path.relpath(layout.RESULTS)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
