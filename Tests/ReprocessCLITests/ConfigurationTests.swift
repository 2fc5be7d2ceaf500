import Partitions
import Testing
import Transforms

@testable import ReprocessCLI

/// A configuration that cannot be used, and the error it is answered with.
struct BadConfiguration: CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: String

    init(_ name: String, _ text: String, _ expected: String) {
        self.name = name
        self.text = text
        self.expected = expected
    }

    var testDescription: String { name }

    /// A job with one more line in it.
    static func job(_ name: String, _ line: String, _ expected: String) -> BadConfiguration {
        BadConfiguration(name, validJob + "    \(line)\n", expected)
    }

    /// A job with more keys at its target.
    static func target(_ name: String, _ keys: String, _ expected: String) -> BadConfiguration {
        BadConfiguration(
            name, "jobs:\n  a: { partition: { column: d }, target: { path: x, \(keys) }, transform: t }", expected)
    }

    static let validJob = """
        jobs:
          orders:
            partition: { column: order_date, every: day }
            target: { path: lake/orders, format: hive }
            transform: orders.sql

        """
}

@Suite struct ConfigurationTests {
    private func decode(_ text: String, _ environment: [String: String] = [:]) throws -> Configuration {
        try ConfigurationDecoder(file: "/project/reprocess.yaml", environment: environment).decode(text)
    }

    @Test func `Every key reaches its value`() throws {
        let configuration = try decode(
            """
            database: ${DB}
            schema: ledger
            engine: { memory_limit: 4GB, threads: 2, temporary_directory: spill }
            jobs:
              covid_daily:
                description: one row per place and day
                partition: { column: report_date, every: hour }
                sources:
                  reports: { path: "data/%m-%d-%Y.csv", options: { all_varchar: true, skip: 1, sep: "1", names: [a, b] } }
                  places: { path: s3://bucket/places, format: parquet }
                target: { path: /lake/covid, format: hive, compression: zstd, compression_level: 5, parquet_version: v2,
                          row_group_size: 1000, file_size: 256MB, allow_empty: true }
                transform: ./transforms/covid.sql
                run: { workers: 4, retries: 3, lease: 2m, deadline: 6h, settle: 0s, takeovers: 2, max_bytes: 200GB }
            """, ["DB": "postgres://u@h/d"])
        #expect(configuration.database == "postgres://u@h/d")
        #expect(configuration.schema == "ledger")
        #expect(
            configuration.engine
                == EngineSettings(memoryLimit: 4_000_000_000, threads: 2, temporaryDirectory: "/project/spill"))
        let job = try #require(configuration.jobs.first)
        #expect(job.description == "one row per place and day")
        #expect(job.partitioning == Partitioning(column: "report_date", every: .hour))
        #expect(
            job.sources == [
                Source(
                    name: "reports", path: "/project/data/%m-%d-%Y.csv", format: .csv,
                    options: [
                        "all_varchar": .bool(true), "skip": .integer(1), "sep": .text("1"),
                        "names": .list([.text("a"), .text("b")]),
                    ]),
                Source(name: "places", path: "s3://bucket/places", format: .parquet),
            ])
        #expect(
            job.target
                == Target(
                    path: "/lake/covid", format: .hive,
                    parquet: ParquetOptions(
                        compression: .zstd, compressionLevel: 5, version: .v2, rowGroupSize: 1000,
                        fileSize: 256_000_000),
                    allowsEmpty: true))
        #expect(job.transformFile == "/project/transforms/covid.sql")
        #expect(
            job.defaults
                == RunDefaults(
                    workers: 4, retries: 3, lease: .seconds(120), deadline: .seconds(21_600), settle: .zero,
                    takeovers: 2, maxBytes: 200_000_000_000))
    }

    @Test func `A batch has a key, a size, and a source where there are several`() throws {
        func batching(_ line: String, _ source: String = "source: { path: a.csv, format: csv }") throws -> Batching? {
            try decode(
                """
                jobs:
                  a:
                    partition: { column: d }
                    target: { path: x, format: hive }
                    transform: t
                    \(source)
                    \(line)
                """
            ).jobs.first?.batching
        }
        #expect(try batching("description: none") == nil)
        #expect(try batching("batch: { by: id, rows: 5 }") == Batching(by: ["id"], rows: 5))
        #expect(
            try batching("batch: { by: [project, id], rows: 1_000_000 }")
                == Batching(by: ["project", "id"], rows: 1_000_000))
        let two = "sources: { left: { path: a.csv, format: csv }, right: { path: b.csv, format: csv } }"
        #expect(
            try batching("batch: { by: id, rows: 5, from: right }", two) == Batching(by: ["id"], rows: 5, from: "right")
        )
        let refusals = [
            (
                "batch: { by: id, rows: 5 }", two,
                "does not say which source is read in batches: write from: left or right"
            ),
            ("batch: { by: id, rows: 5, from: middle }", two, "is 'middle', which is no source of the job"),
            ("batch: { by: id, rows: 0 }", "", "must be a number of rows, 1 or more, but is '0'"),
            ("batch: { by: [id, ID], rows: 5 }", "", "names 'ID' twice"),
            ("batch: { by: [], rows: 5 }", "", "names no column"), ("batch: { rows: 5 }", "", "'by'"),
            ("batch: { by: id }", "", "'rows'"), ("batch: { by: id, rows: 5, size: 7 }", "", "'size' is not a key"),
        ]
        for (line, sources, expected) in refusals {
            let error = try #require(
                #expect(throws: ConfigurationError.self) {
                    try sources.isEmpty ? batching(line) : batching(line, sources)
                })
            #expect(error.message.contains(expected), "\(error.message)")
        }
    }

    @Test func `A Delta target has rules of its own, strict where nothing is said`() throws {
        func target(_ keys: String) throws -> Target? {
            try decode(
                "jobs:\n  a: { partition: { column: d }, target: { path: /x, format: delta\(keys) }, transform: t }"
            ).jobs.first?.target
        }
        #expect(try target("") == Target(path: "/x", format: .delta))
        #expect(
            try target(", schema: strict, concurrent_writes: fail, file_size: 1GiB")
                == Target(path: "/x", format: .delta, parquet: ParquetOptions(fileSize: 1 << 30)))
        #expect(
            try target(", schema: evolve, concurrent_writes: supersede")
                == Target(
                    path: "/x", format: .delta, delta: DeltaRules(schema: .evolve, concurrentWrites: .supersede)))
    }

    @Test func `A Delta table is a source with a column of its own, or with all its rows`() throws {
        let configuration = try decode(
            BadConfiguration.validJob + """
                    sources:
                      own: { path: lake/a, format: delta }
                      other: { path: lake/b, format: delta, rows: partition, partition_column: day }
                      whole: { path: lake/c, format: delta, rows: all }
                """)
        #expect(
            configuration.jobs.first?.sources == [
                Source(name: "own", path: "/project/lake/a", format: .delta),
                Source(name: "other", path: "/project/lake/b", format: .delta, rows: .ofPartition(column: "day")),
                Source(name: "whole", path: "/project/lake/c", format: .delta, rows: .all),
            ])
    }

    @Test func `Anchors and aliases are understood`() throws {
        let configuration = try decode(
            """
            jobs:
              a: { partition: &p { column: d, every: month }, target: { path: a }, transform: a.sql }
              b: { partition: *p, target: { path: b }, transform: b.sql }
            """)
        #expect(configuration.jobs.map(\.partitioning.every) == [.month, .month])
    }

    @Test(.timeLimit(.minutes(1)))
    func `Aliases of aliases do not unfold`() throws {
        let levels = (1...40).map { "l\($0): &l\($0) [*l\($0 - 1), *l\($0 - 1)]" }.joined(separator: "\n")
        let error = #expect(throws: ConfigurationError.self) { try decode("l0: &l0 [x]\n" + levels) }
        #expect(error?.message.hasPrefix("The key 'jobs'") == true)
    }

    @Test(arguments: [
        BadConfiguration("empty", "", "The file is empty. 'reprocess init' writes one to start from."),
        BadConfiguration(
            "no YAML", "jobs: [a, b\nc: d",
            "2:2: This is not YAML: did not find expected ',' or ']', while parsing a flow sequence."),
        BadConfiguration(
            "tabs", "jobs:\n\ta: b",
            "2:1: This is not YAML: found character that cannot start any token, while scanning for the next token."),
        BadConfiguration(
            "two documents", "a: b\n---\nc: d", "2:1: A second YAML document begins here; only one is read."),
        BadConfiguration("a list", "- a", "1:1: The configuration must be a group of keys, but is a list."),
        BadConfiguration(
            "an unknown alias", "jobs: *nothing", "1:7: The alias '*nothing' stands before its anchor '&nothing'."),
        BadConfiguration(
            "an unknown key", "job:\n  a: b", "1:1: 'job' is not a key of the configuration. Did you mean 'jobs'?"),
        BadConfiguration(
            "a mistyped key", "databse: x\n" + BadConfiguration.validJob,
            "1:1: 'databse' is not a key of the configuration. Did you mean 'database'?"),
        BadConfiguration("no jobs", "jobs:", "1:1: The key 'jobs' of the configuration is missing or has no value."),
        BadConfiguration(
            "no job", "jobs: {}",
            "1:7: 'jobs' has no job. Add one; 'reprocess init' in an empty folder shows how it looks."),
        BadConfiguration(
            "an empty job", "jobs:\n  orders:\n",
            "2:3: The job 'orders' is empty: it needs 'partition', 'target' and 'transform'."),
        BadConfiguration(
            "a bad job name", "jobs:\n  'my job': {}",
            "2:3: 'my job' cannot be the name of a job: begin with a letter, and go on with letters, digits, '_', '-' and '.'."
        ),
        .job(
            "a key twice", "transform: b.sql",
            "6:5: The key 'transform' stands twice in the job 'orders': first in line 5."),
        .job(
            "an unknown key of a job", "sorce: {}",
            "6:5: 'sorce' is not a key of the job 'orders'. Did you mean 'source'?"),
        .job(
            "a key like no other", "zzzzzzzz: 1",
            "6:5: 'zzzzzzzz' is not a key of the job 'orders'. Known keys: audits, batch, description, partition, run, source, sources, statistics, target, transform."
        ),
        .job(
            "a word for a number", "run: { workers: many }",
            "6:21: 'workers' of 'run' of the job 'orders' must be a whole number, 1 to 256, but is 'many'."),
        .job(
            "too many workers", "run: { workers: 1000 }",
            "6:21: 'workers' of 'run' of the job 'orders' must be a whole number, 1 to 256, but is '1000'."),
        .job(
            "a limit without a unit", "run: { max_bytes: 200 }",
            "6:23: 'max_bytes' of 'run' of the job 'orders': '200' is not a size: write a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 4GB."
        ),
        .job(
            "a lease without a unit", "run: { lease: 90 }",
            "6:19: 'lease' of 'run' of the job 'orders': '90' is not a duration: write a number with ms, s, m, h or d, such as 90s or 1h30m."
        ),
        .job(
            "a short lease", "run: { lease: 10ms }",
            "6:19: 'lease' of 'run' of the job 'orders': A lease lasts 1s to 1d."),
        .job(
            "a long deadline", "run: { deadline: 32d }",
            "6:22: 'deadline' of 'run' of the job 'orders': A deadline is 1s to 31d."),
        .job(
            "a list for a text", "description: [a]",
            "6:18: 'description' of the job 'orders' must be a text, but is a list."),
        .job(
            "a text for a group", "run: fast",
            "6:10: 'run' of the job 'orders' must be a group of keys, but is a single value."),
        .job(
            "both source and sources", "source: { path: a.csv }\n    sources: { b: { path: b.csv } }",
            "7:14: The job 'orders' has both 'source' and 'sources': keep one of them."),
        .job(
            "a source without a path", "source: { format: csv }",
            "6:13: The key 'path' of 'source' of the job 'orders' is missing or has no value."),
        .job(
            "a source without a format", "source: { path: a.dat }",
            "6:13: 'format' of 'source' of the job 'orders' is missing: write csv, parquet, json, hive or delta."),
        .job(
            "a mistyped format", "source: { path: a, format: parqet }",
            "6:32: 'format' of 'source' of the job 'orders' is 'parqet', but must be one of csv, parquet, json, hive, delta. Did you mean 'parquet'?"
        ),
        .job(
            "a partition column of files", "source: { path: a.csv, partition_column: day }",
            "6:28: 'partition_column' of 'source' of the job 'orders' goes with 'format: delta' only: other formats are read file by file."
        ),
        .job(
            "all rows of files", "source: { path: a.csv, rows: all }",
            "6:28: 'rows' of 'source' of the job 'orders' goes with 'format: delta' only: other formats are read file by file."
        ),
        .job(
            "all rows and a column", "source: { path: a, format: delta, partition_column: day, rows: all }",
            "6:62: 'rows: all' of 'source' of the job 'orders' needs no 'partition_column': keep one of them."),
        .job(
            "a mistyped extent", "source: { path: a, format: delta, rows: al }",
            "6:45: 'rows' of 'source' of the job 'orders' is 'al', but must be one of partition, all. Did you mean 'all'?"
        ),
        .job(
            "a hostile source name", "sources: { \"a; DROP\": { path: a.csv } }",
            "6:16: 'a; DROP' cannot be the name of a source: use letters, digits and '_', as SQL does."),
        .job(
            "a missing variable", "description: ${NOT_THERE}",
            "6:18: 'description' of the job 'orders': The environment variable NOT_THERE is not set. Set it, or write ${NOT_THERE:-default}."
        ),
        .target(
            "a mistyped target format", "format: detla",
            "2:61: 'format' of 'target' of the job 'a' is 'detla', but must be one of hive, delta. Did you mean 'delta'?"
        ),
        .target(
            "a schema that evolves in folders", "schema: evolve",
            "2:61: 'schema' of 'target' of the job 'a' goes with 'format: delta' only, and this target is 'hive'."),
        .target(
            "writes superseded in folders", "concurrent_writes: fail",
            "2:72: 'concurrent_writes' of 'target' of the job 'a' goes with 'format: delta' only, and this target is 'hive'."
        ),
        .target(
            "a mistyped schema rule", "format: delta, schema: evolv",
            "2:76: 'schema' of 'target' of the job 'a' is 'evolv', but must be one of strict, evolve. Did you mean 'evolve'?"
        ),
        .target(
            "a rule for writes that is none", "format: delta, concurrent_writes: overwrite",
            "2:87: 'concurrent_writes' of 'target' of the job 'a' is 'overwrite', but must be one of fail, supersede."),
        .target(
            "a file size without a unit", "file_size: 256",
            "2:64: 'file_size' of 'target' of the job 'a': '256' is not a size: write a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 4GB."
        ),
        .target(
            "small files", "file_size: 10KB",
            "2:64: 'file_size' of 'target' of the job 'a' is '10KB', but must be 1MB or more, such as 256MB."),
        .target(
            "a level of a codec without levels", "compression: gzip, compression_level: 3",
            "2:91: 'compression_level' of 'target' of the job 'a' goes with 'compression: zstd' only."),
        BadConfiguration(
            "a column with a slash", "jobs:\n  a: { partition: { column: a/b }, target: { path: x }, transform: t }",
            "2:29: 'column' of 'partition' of the job 'a' is 'a/b', which cannot be part of a folder's name."),
        BadConfiguration(
            "a mistyped granularity",
            "jobs:\n  a: { partition: { column: d, every: dya }, target: { path: x }, transform: t }",
            "2:39: 'every' of 'partition' of the job 'a' is 'dya', but must be one of hour, day, month. Did you mean 'day'?"
        ),
        BadConfiguration(
            "no transform", "jobs:\n  a: { partition: { column: d }, target: { path: x } }",
            "2:6: The key 'transform' of the job 'a' is missing or has no value."),
        BadConfiguration(
            "a memory limit without a unit", "engine: { memory_limit: 4 }\n" + BadConfiguration.validJob,
            "1:25: 'memory_limit' of engine: '4' is not a size: write a number with KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 4GB."
        ),
    ])
    func `A bad configuration is refused with its place`(_ bad: BadConfiguration) {
        let error = #expect(throws: ConfigurationError.self) { try decode(bad.text) }
        let place = error?.position.map { "\($0.line):\($0.column): " } ?? ""
        #expect(place + (error?.message ?? "") == bad.expected)
    }

    @Test(arguments: [
        "database: ${DB:secret}", "database: 'postgres://u:secret@h/${'", "database: [secret]",
        "database: { a: secret }",
        "database: \"${NOT_THERE}secret\"",
    ])
    func `An error about the database never shows its value`(line: String) {
        let error = #expect(throws: ConfigurationError.self) { try decode(line + "\n" + BadConfiguration.validJob) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func `A database given elsewhere makes the file's not matter`() throws {
        var decoder = ConfigurationDecoder(file: "/project/reprocess.yaml", environment: [:])
        decoder.ignoresDatabase = true
        #expect(try decoder.decode("database: ${NOT_THERE}\n" + BadConfiguration.validJob).database == nil)
    }

    @Test(arguments: [
        ("plain", "plain"), ("${A}", "1"), ("x${A}y${B:-2}z", "x1y2z"), ("${EMPTY:-3}", "3"), ("${EMPTY}", ""),
        ("$A $", "$A $"),
        ("$${A}", "${A}"), ("${A:-}", "1"), ("${NONE:-}", ""),
    ])
    func `Variables are put in`(text: String, expected: String) throws {
        #expect(try VariableExpansion.expand(text, environment: ["A": "1", "EMPTY": ""]) == expected)
    }

    @Test func `The version of a transform follows what decides its result`() {
        let query = Query("SELECT 1", sources: [Source(path: "a.csv", format: .csv, options: ["skip": .integer(1)])])
        var other = query
        other.sources[0].path = "b.csv"
        #expect(other.fingerprint() == query.fingerprint())
        other.sources[0].options["skip"] = .text("1")
        #expect(other.fingerprint() != query.fingerprint())
        #expect(Query("SELECT 2").fingerprint() != Query("SELECT 1").fingerprint())
        #expect(Query("").fingerprint().count == 16)
    }
}
