internal import Partitions
internal import Transforms

extension ConfigurationDecoder {
    /// Decodes one job.
    func decode(_ mapping: MappingReader, name: String) throws(ConfigurationError) -> JobConfiguration {
        var job = mapping
        let description = try job.text("description")
        let partitioning = try partitioning(&job)
        let sources = try sources(&job)
        let target = try target(&job)
        let transform = try job.required("transform")
        let transformFile = absolute(try job.requiredText("transform"))
        try job.refuse("audits", because: "it comes later; remove it, or check the data in the transform.")
        let defaults = try runDefaults(&job)
        try job.finish()
        return JobConfiguration(
            name: name, description: description, partitioning: partitioning, sources: sources, target: target,
            transformFile: transformFile, transformPosition: transform.position, defaults: defaults)
    }

    private func partitioning(_ job: inout MappingReader) throws(ConfigurationError) -> Partitioning {
        let place = "'partition' of \(job.place)"
        guard var partition = try job.mapping("partition", place: place) else {
            _ = try job.required("partition")
            return Partitioning(column: "")
        }
        let column = try partition.requiredText("column")
        guard !column.isEmpty, !column.contains(where: { $0 == "/" || $0 == "=" || $0.isNewline }) else {
            let message = "'column' of \(place) is '\(column)', which cannot be part of a folder's name."
            throw ConfigurationError(message, at: try partition.required("column").position)
        }
        let every = try partition.value("every") { value throws(ConfigurationError) in
            try value.choice(Granularity.self)
        }
        try partition.finish()
        return Partitioning(column: column, every: every ?? .day)
    }

    private func target(_ job: inout MappingReader) throws(ConfigurationError) -> Target {
        let place = "'target' of \(job.place)"
        let node = try job.required("target")
        var target = try MappingReader(node, place: place, environment: environment)
        let path = absolute(try target.requiredText("path"))
        let format = try target.value("format") { value throws(ConfigurationError) in try self.targetFormat(value) }
        var parquet = ParquetOptions()
        let compression = try target.value("compression") { value throws(ConfigurationError) in
            try value.choice(ParquetOptions.Compression.self)
        }
        if let compression { parquet.compression = compression }
        let level = try target.value("compression_level") { value throws(ConfigurationError) in
            let level = try value.integer(in: 1...22)
            guard parquet.compression == .zstd else {
                throw ConfigurationError("\(value.label) goes with 'compression: zstd' only.", at: value.node.position)
            }
            return level
        }
        if let level { parquet.compressionLevel = level }
        let version = try target.value("parquet_version") { value throws(ConfigurationError) in
            try value.choice(ParquetOptions.Version.self)
        }
        if let version { parquet.version = version }
        parquet.rowGroupSize = try target.value("row_group_size") { value throws(ConfigurationError) in
            try value.integer(in: 1...Int.max)
        }
        let allowsEmpty = try target.value("allow_empty") { value throws(ConfigurationError) in try value.bool() }
        try target.finish()
        return Target(path: path, format: format ?? .hive, parquet: parquet, allowsEmpty: allowsEmpty ?? false)
    }

    private func targetFormat(_ value: ScalarReader) throws(ConfigurationError) -> Target.Format {
        if try value.text() == "delta" {
            let message = "\(value.label) is 'delta', which is not supported by this version: use 'hive'."
            throw ConfigurationError(message, at: value.node.position)
        }
        return try value.choice(Target.Format.self)
    }

    private func runDefaults(_ job: inout MappingReader) throws(ConfigurationError) -> RunDefaults {
        guard var run = try job.mapping("run", place: "'run' of \(job.place)") else { return RunDefaults() }
        var defaults = RunDefaults()
        defaults.workers = try run.value("workers") { value throws(ConfigurationError) in
            try value.integer(in: RunLimits.workers)
        }
        let retries = try run.value("retries") { value throws(ConfigurationError) in
            try value.integer(in: RunLimits.retries)
        }
        let lease = try duration("lease", in: RunLimits.lease, RunLimits.leaseExplanation, &run)
        let deadline = try duration("deadline", in: RunLimits.deadline, RunLimits.deadlineExplanation, &run)
        let settle = try duration("settle", in: RunLimits.settle, RunLimits.settleExplanation, &run)
        let takeovers = try run.value("takeovers") { value throws(ConfigurationError) in
            try value.integer(in: RunLimits.takeovers)
        }
        if let retries { defaults.retries = retries }
        if let takeovers { defaults.takeovers = takeovers }
        if let lease { defaults.lease = lease }
        if let deadline { defaults.deadline = deadline }
        if let settle { defaults.settle = settle }
        try run.finish()
        return defaults
    }

    private func duration(
        _ key: String, in bounds: ClosedRange<Duration>, _ explanation: String, _ mapping: inout MappingReader
    ) throws(ConfigurationError) -> Duration? {
        try mapping.value(key) { value throws(ConfigurationError) in
            let duration = try value.duration()
            guard bounds.contains(duration) else {
                throw ConfigurationError("\(value.label): \(explanation)", at: value.node.position)
            }
            return duration
        }
    }
}
