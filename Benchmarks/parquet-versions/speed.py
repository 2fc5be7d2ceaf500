"""Writes one day of the big workload in many ways, in turn, and prints seconds, size and time to read it back.

`speed.py FILE [ROUNDS]`, FILE being one source file of the big workload.
"""

import os
import statistics
import sys
import tempfile
import time

import duckdb

VARIANTS = {
    f"{version} {codec} {groups}".strip(): f"PARQUET_VERSION {version}, {option}{size}"
    for version in ("V1", "V2")
    for codec, option in {
        "zstd (3)": "COMPRESSION zstd",
        "zstd 1": "COMPRESSION zstd, COMPRESSION_LEVEL 1",
        "snappy": "COMPRESSION snappy",
        "lz4": "COMPRESSION lz4_raw",
        "zstd 1, no dictionaries": "COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 1",
    }.items()
    for groups, size in {"": "", "groups of 32 k": ", ROW_GROUP_SIZE 32768", "groups of 512 k": ", ROW_GROUP_SIZE 524288"}.items()
    if not groups or codec == "zstd (3)"
}


def main() -> None:
    source, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "..", "sql", "events.sql"), encoding="utf-8") as file:
        select = file.read().replace("FROM source", f"FROM read_parquet('{source}')")
    connection = duckdb.connect()
    writes = {name: [] for name in VARIANTS}
    reads = {name: [] for name in VARIANTS}
    sizes = {}
    with tempfile.TemporaryDirectory(dir=here) as folder:
        path = os.path.join(folder, "day.parquet")
        for turn in range(rounds + 1):
            for name, options in VARIANTS.items():
                started = time.monotonic()
                connection.execute(
                    f"COPY (SELECT * EXCLUDE (event_date) FROM ({select})) TO '{path}' (FORMAT parquet, {options})"
                )
                written = time.monotonic()
                connection.execute(
                    f"SELECT {', '.join(f'max(#{n})' for n in range(1, 11))} FROM read_parquet('{path}')"
                ).fetchall()
                if turn:  # the first turn warms up
                    writes[name].append(written - started)
                    reads[name].append(time.monotonic() - written)
                sizes[name] = os.path.getsize(path)
    print("| options | write, ms | read back, ms | MB |\n|---|---|---|---|")
    for name in VARIANTS:
        write, read = (statistics.median(values[name]) * 1000 for values in (writes, reads))
        print(f"| {name} | {write:.0f} ({min(writes[name]) * 1000:.0f}-{max(writes[name]) * 1000:.0f}) "
              f"| {read:.0f} | {sizes[name] / 1e6:.1f} |")


if __name__ == "__main__":
    main()
