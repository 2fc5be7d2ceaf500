"""Reads checkpoints of ours in Spark, by the schema with which Delta's own reader reads them, and compares every action
with the log replayed here: spark_checkpoints.py DELTAPROBE [TABLE...]

Makes tables of its own in a temporary folder and has DeltaProbe (of the tests' build) publish to them and write their
checkpoints; tables that are named are read as well, if all their entries are still there. Every checkpoint is read four
times: by the vectorised reader and by the one that reads row by row, each with and without nested columns.

Needs PySpark 3.5 and Java 17, and no jar of Delta. Not run by the tests: see docs/delta.md.
"""
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid

from pyspark.sql import SparkSession
from pyspark.sql.types import (
    ArrayType, BooleanType, IntegerType, LongType, MapType, StringType, StructField, StructType, TimestampType,
)  # fmt: skip

TEXT, LONG, INT, FLAG = StringType(), LongType(), IntegerType(), BooleanType()
MAP, LIST = MapType(TEXT, TEXT), ArrayType(TEXT)


def struct(**fields):
    return StructType([StructField(name, kind) for name, kind in fields.items()])


# The fields of the case classes in Delta's actions.scala, with the types that Spark derives from them.
VECTOR = struct(storageType=TEXT, pathOrInlineDv=TEXT, offset=INT, sizeInBytes=INT, cardinality=LONG, maxRowIndex=LONG)
ROW_IDS = {"baseRowId": LONG, "defaultRowCommitVersion": LONG}
SINGLE_ACTION = struct(
    txn=struct(appId=TEXT, version=LONG, lastUpdated=LONG),
    add=struct(
        path=TEXT, partitionValues=MAP, size=LONG, modificationTime=LONG, dataChange=FLAG, stats=TEXT, tags=MAP,
        deletionVector=VECTOR, **ROW_IDS, clusteringProvider=TEXT,
    ),
    remove=struct(
        path=TEXT, deletionTimestamp=LONG, dataChange=FLAG, extendedFileMetadata=FLAG, partitionValues=MAP, size=LONG,
        tags=MAP, deletionVector=VECTOR, **ROW_IDS, stats=TEXT,
    ),
    metaData=struct(
        id=TEXT, name=TEXT, description=TEXT, format=struct(provider=TEXT, options=MAP), schemaString=TEXT,
        partitionColumns=LIST, configuration=MAP, createdTime=LONG,
    ),
    protocol=struct(minReaderVersion=INT, minWriterVersion=INT, readerFeatures=LIST, writerFeatures=LIST),
    cdc=struct(path=TEXT, partitionValues=MAP, size=LONG, tags=MAP),
    domainMetadata=struct(domain=TEXT, configuration=TEXT, removed=FLAG),
    commitInfo=struct(version=LONG, timestamp=TimestampType(), operation=TEXT, engineInfo=TEXT, txnId=TEXT),
)  # fmt: skip
# What a checkpoint of ours does not carry, as the protocol allows for tombstones and transient fields.
DROPPED = {"remove": {"tags", "stats"}}
DEFAULTS = {"add": {"modificationTime": 0, "dataChange": False}, "remove": {"dataChange": False}}


def plain(value):
    """A row of Spark as JSON would have it, without what is null."""
    if hasattr(value, "asDict"):
        return {key: plain(item) for key, item in value.asDict().items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def known(kind, value):
    """What of an action of an entry a checkpoint has, without what is null."""
    if isinstance(kind, StructType):
        return {
            field.name: known(field.dataType, value[field.name])
            for field in kind.fields
            if value.get(field.name) is not None
        }
    return value


def file_key(action):
    vector = action.get("deletionVector")
    path = urllib.parse.unquote(action["path"])
    path = re.sub(r"^file:(//localhost/|/)/*", "/", path)
    return path, vector and (vector["storageType"], vector["pathOrInlineDv"], vector.get("offset"))


def replay(log, version, now):
    """The table's state as the entries say, after the protocol's "Action Reconciliation"."""
    files, transactions, domains, single = {}, {}, {}, {}
    for number in range(version + 1):
        with open(f"{log}/{number:020}.json", encoding="utf-8") as entry:
            for line in filter(str.strip, entry):
                (kind, value), = json.loads(line).items()  # fmt: skip
                if kind not in SINGLE_ACTION.fieldNames() or kind in ("commitInfo", "cdc"):
                    continue
                action = {**DEFAULTS.get(kind, {}), **known(SINGLE_ACTION[kind].dataType, value)}
                action = {key: item for key, item in action.items() if key not in DROPPED.get(kind, set())}
                if kind in ("add", "remove"):
                    files[file_key(action)] = (kind, action)
                elif kind == "txn":
                    transactions[action["appId"]] = (kind, action)
                elif kind == "domainMetadata":
                    domains[action["domain"]] = (kind, action)
                else:
                    single[kind] = (kind, action)
    properties = single["metaData"][1].get("configuration", {})
    if properties.get("delta.checkpoint.writeStatsAsJson") == "false":
        for kind, action in files.values():
            if kind == "add":
                action.pop("stats", None)
    oldest = now - 7 * 86_400_000
    return sorted(
        json.dumps(item, sort_keys=True, ensure_ascii=False)
        for group in (files, transactions, domains, single)
        for item in group.values()
        if not (item[0] == "remove" and item[1].get("deletionTimestamp", 0) <= oldest)
        and not (item[0] == "domainMetadata" and item[1].get("removed"))
    )


def read(spark, path):
    actions = []
    for row in spark.read.schema(SINGLE_ACTION).parquet(path).collect():
        filled = {kind: plain(value) for kind, value in row.asDict().items() if value is not None}
        (kind, action), = filled.items()  # fmt: skip
        actions.append(json.dumps([kind, action], sort_keys=True, ensure_ascii=False))
    return sorted(actions)


def check(spark, table):
    log, checked = table + "/_delta_log", 0
    for path in sorted(glob.glob(log + "/*.checkpoint.parquet")):
        expected = replay(log, int(os.path.basename(path)[:20]), int(time.time() * 1000))
        for vectorised in ("true", "false"):
            for nested in ("true", "false"):
                spark.conf.set("spark.sql.parquet.enableVectorizedReader", vectorised)
                spark.conf.set("spark.sql.parquet.enableNestedColumnVectorizedReader", nested)
                found = read(spark, path)
                missing, extra = set(expected) - set(found), set(found) - set(expected)
                if found != expected:
                    raise SystemExit(
                        f"{path}, vectorised {vectorised}, nested {nested}: {len(found)} actions instead of "
                        f"{len(expected)}\n  missing {sorted(missing)[:2]}\n  extra {sorted(extra)[:2]}"
                    )
        columns = spark.read.parquet(path).select("add.*").columns
        if "stats_parsed" in columns:
            check_parsed(spark, path, "stats" in columns)
        groups = spark.read.parquet(path).count()
        print(f"{os.path.basename(table)} {os.path.basename(path)}: {groups} actions, as the log says")
        checked += 1
    if not checked:
        raise SystemExit(f"{table} has no checkpoint")


def check_parsed(spark, path, has_json):
    frame = spark.read.parquet(path).where("add.path is not null")
    without = frame.where("add.stats_parsed.numRecords is null").count()
    if without:
        raise SystemExit(f"{path}: {without} files without statistics in their own types")
    differ = frame.where("add.partitionValues_parsed.order_date <> cast(add.partitionValues['order_date'] as date)")
    if differ.count():
        raise SystemExit(f"{path}: partition values in their own types are others")


def make(path, files, seed, **properties):
    """A table of two partition columns, whose log has everything that may be in one."""
    rng = random.Random(seed)
    os.makedirs(path + "/_delta_log")
    regions = ["a", "b/c d", "x=y%z", "é\\\"'\n", "", None, "😀"]
    fields = [("order_date", "date"), ("region", "string"), ("v", "long"), ("day", "date"), ("at", "timestamp_ntz")]
    schema = {"type": "struct", "fields": [{"name": n, "type": t, "nullable": True, "metadata": {}} for n, t in fields]}
    configuration = {"delta.checkpointInterval": "1", "odd 'name\"": "", **properties}
    now = int(time.time() * 1000)

    def add(number):
        region = rng.choice(regions)
        day = f"2024-{rng.randint(1, 12):02}-{rng.randint(2, 28):02}"
        action = {
            "path": f"order_date={day}/part%20{number}-{'%C3%A9' if number % 3 else 'x'}.parquet",
            "partitionValues": {"order_date": day, "region": region},
            "size": rng.randint(1, 2**40), "modificationTime": now - number, "dataChange": number % 2 == 0,
            "stats": json.dumps({
                "numRecords": number, "minValues": {"v": -number, "day": day, "at": f"{day}T01:02:03.004"},
                "maxValues": {"v": 2**60 + number, "day": day, "at": f"{day}T01:02:03.005"},
                "nullCount": {"v": 0, "day": 1, "at": 2},
            }),
        }  # fmt: skip
        if number % 5 == 0:
            action["tags"] = {"one": "1", "none": None, "é": "x\ty"} if number % 2 else {}
        if number % 4 == 0:
            action["deletionVector"] = {
                "storageType": "u", "pathOrInlineDv": f"ab^-aqEH.-t@S}}K{{vb[*k^{number}", "sizeInBytes": 40,
                "cardinality": 6, **({"offset": 4} if number % 8 else {}),
            }  # fmt: skip
        if number % 7 == 0:
            action.update(baseRowId=number * 10, defaultRowCommitVersion=1, clusteringProvider="liquid")
        return action

    features = ["deletionVectors", "timestampNtz"]
    adds = [add(number) for number in range(files)]
    entries = [[
        {"commitInfo": {"timestamp": now, "operation": "CREATE"}},
        {"protocol": {
            "minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": features,
            "writerFeatures": features + ["domainMetadata"],
        }},
        {"metaData": {
            "id": str(uuid.UUID(int=seed)), "name": None, "description": "a\tb", "createdTime": now,
            "format": {"provider": "parquet", "options": {}}, "schemaString": json.dumps(schema),
            "partitionColumns": ["order_date", "region"], "configuration": configuration,
        }},
        {"domainMetadata": {"domain": "kept", "configuration": "{\"a\": 1}", "removed": False}},
        {"domainMetadata": {"domain": "gone", "configuration": "", "removed": False}},
        {"txn": {"appId": "with", "version": 5, "lastUpdated": now}},
        {"txn": {"appId": "without \"time\"", "version": -1}},
    ]]  # fmt: skip
    entries.append([{"add": action} for action in adds])
    gone = [action for number, action in enumerate(adds) if number % 9 == 0]
    removes = []
    for number, action in enumerate(gone):
        remove = {"path": action["path"], "dataChange": True, "deletionTimestamp": now - (number % 3) * 5 * 86_400_000}
        if number % 2:
            remove.update(extendedFileMetadata=True, partitionValues=action["partitionValues"], size=action["size"])
        if "deletionVector" in action:
            remove["deletionVector"] = action["deletionVector"]
        removes.append({"remove": remove})
    entries.append([*removes, {"domainMetadata": {"domain": "gone", "configuration": "", "removed": True}}])
    entries.append([{"txn": {"appId": "with", "version": 6}}])
    for version, actions in enumerate(entries):
        with open(f"{path}/_delta_log/{version:020}.json", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(action, ensure_ascii=version % 2 == 0) + "\n" for action in actions)
    return path


def publish(spark, probe, folder, table):
    """Has our program replace two days, and with that write two checkpoints: the second is built upon the first."""
    staged = f"{folder}/staged-{uuid.uuid4()}"
    spark.sql(
        "SELECT id AS v, concat('r/ =%', id) AS region, DATE '2024-05-05' AS day, "
        "TIMESTAMP_NTZ '2024-01-01 00:00:00' AS at FROM range(4)"
    ).coalesce(1).write.parquet(staged)
    (file,) = glob.glob(staged + "/part-*.parquet")
    for fence, day in ((1, "2024-01-01"), (2, "2024-01-02")):
        command = [probe, "publish", table, day, str(fence), str(uuid.uuid4()), file, "4"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if not printed.startswith("published"):
            raise SystemExit(f"{' '.join(command)}: {printed}")


def main():
    probe, tables = sys.argv[1], sys.argv[2:]
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.ui.showConsoleProgress", "false")
    spark = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        made = [
            make(folder + "/small", 40, 1),
            make(folder + "/row-groups", 25_000, 2),
            make(folder + "/parsed", 200, 3, **{"delta.checkpoint.writeStatsAsStruct": "true"}),
            make(folder + "/parsed-alone", 200, 4, **{"delta.checkpoint.writeStatsAsJson": "false"}),
        ]
        for table in made:
            publish(spark, probe, folder, table)
        for table in made + tables:
            check(spark, table)


main()
