"""Reads the files of `write.py` with one reader and compares every value: `read.py FOLDER READER [--json FILE]`.

Readers: pyarrow, polars, deltalake (its own engine), deltalake-pyarrow, spark, spark-rows (without its vectorized
reader). Exits 1 where a file of version 2 is not read as the same file of version 1 is.
"""

import argparse
import json
import os
import sys
from importlib import metadata

import duckdb


def pyarrow_reader():
    import pyarrow.parquet

    return metadata.version("pyarrow"), lambda folder: pyarrow.parquet.read_table(os.path.join(folder, "part.parquet"))


def polars_reader():
    import polars

    return metadata.version("polars"), lambda folder: polars.read_parquet(
        os.path.join(folder, "part.parquet")
    ).to_arrow()


def open_delta(folder: str):
    import deltalake

    if not os.path.isdir(os.path.join(folder, "_delta_log")):
        deltalake.convert_to_deltalake(folder)
    return deltalake.DeltaTable(folder)


def deltalake_reader():
    import deltalake
    import pyarrow

    def read(folder: str):
        batches = deltalake.QueryBuilder().register("t", open_delta(folder)).execute("SELECT * FROM t")
        return pyarrow.table(batches.read_all())

    return metadata.version("deltalake"), read


def deltalake_pyarrow_reader():
    return metadata.version("deltalake"), lambda folder: open_delta(folder).to_pyarrow_table()


def spark_reader(vectorized: bool):
    import pyspark
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.memory", "2g")
        .config("spark.sql.parquet.enableVectorizedReader", str(vectorized).lower())
        .config("spark.sql.parquet.enableNestedColumnVectorizedReader", str(vectorized).lower())
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .config("spark.log.level", "OFF")
        .getOrCreate()
    )

    def read(folder: str):
        frame = session.read.parquet(os.path.join(folder, "part.parquet"))
        if hasattr(frame, "toArrow"):
            return frame.toArrow()
        import pyarrow

        return pyarrow.Table.from_batches(frame._collect_as_arrow())

    return pyspark.__version__, read


READERS = {
    "pyarrow": pyarrow_reader,
    "polars": polars_reader,
    "deltalake": deltalake_reader,
    "deltalake-pyarrow": deltalake_pyarrow_reader,
    "spark": lambda: spark_reader(vectorized=True),
    "spark-rows": lambda: spark_reader(vectorized=False),
}


def differences(connection, number: int, table) -> str:
    """What is wrong with a table that a reader returned, or the empty string."""
    connection.register("actual", table)
    try:
        found = {}
        for column in ("full_", "holed"):
            expected_type = connection.execute(f"SELECT typeof({column}) FROM kind_{number} LIMIT 1").fetchone()[0]
            found[column] = connection.execute(
                f"SELECT count(*) FROM kind_{number} AS e FULL JOIN actual AS a ON a.id = e.id "
                f"WHERE a.id IS NULL OR e.id IS NULL "
                f"OR e.{column} IS DISTINCT FROM CAST(a.{column} AS {expected_type})"
            ).fetchone()[0]
        wrong = sum(found.values())
        return f"{wrong} wrong values" if wrong else ""
    finally:
        connection.unregister("actual")


def outcome(connection, number: int, folder: str, read) -> str:
    try:
        return differences(connection, number, read(folder)) or "ok"
    except Exception as error:  # a reader may fail in any way it likes; that is the finding
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        encodings = [line[line.index("Unsupported encoding") :] for line in lines if "Unsupported encoding" in line]
        return "error: " + (encodings or lines or [type(error).__name__])[0][:160]


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("reader", choices=READERS)
    arguments.add_argument("--json")
    options = arguments.parse_args()
    version, read = READERS[options.reader]()
    connection = duckdb.connect(os.path.join(options.folder, "expected.duckdb"), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    results = {}
    for number, kind, encodings in connection.execute("FROM kinds ORDER BY number").fetchall():
        outcomes = [
            outcome(connection, number, os.path.join(options.folder, f"{number}-{v}"), read) for v in ("V1", "V2")
        ]
        results[kind] = {"encodings": encodings, "V1": outcomes[0], "V2": outcomes[1]}
        print(f"{kind:30} V1 {outcomes[0]:40.150} V2 {outcomes[1]:.150}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"reader": options.reader, "version": version, "kinds": results}, file, indent=1)
    worse = [kind for kind, result in results.items() if result["V1"] == "ok" != result["V2"]]
    good = sum(result["V2"] == "ok" for result in results.values())
    print(f"{options.reader} {version}: {good} of {len(results)} kinds of version 2 read right; worse than V1: {worse}")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
