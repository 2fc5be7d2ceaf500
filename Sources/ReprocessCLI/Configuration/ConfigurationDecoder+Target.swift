internal import Transforms

extension ConfigurationDecoder {
    /// The least size at which a file is ended: many smaller ones make every reader slow.
    private static let leastFileSize: Int64 = 1_000_000

    /// Decodes the table that a job writes.
    func target(_ job: inout MappingReader) throws(ConfigurationError) -> Target {
        let place = "'target' of \(job.place)"
        let node = try job.required("target")
        var target = try MappingReader(node, place: place, environment: environment)
        let path = absolute(try target.requiredText("path"))
        let format =
            try target.value("format") { value throws(ConfigurationError) in
                try value.choice(Target.Format.self)
            } ?? .hive
        let parquet = try parquetOptions(&target)
        let delta = try deltaRules(&target, format)
        let allowsEmpty = try target.value("allow_empty") { value throws(ConfigurationError) in try value.bool() }
        try target.finish()
        return Target(path: path, format: format, parquet: parquet, allowsEmpty: allowsEmpty ?? false, delta: delta)
    }

    private func parquetOptions(_ target: inout MappingReader) throws(ConfigurationError) -> ParquetOptions {
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
        parquet.fileSize = try target.value("file_size") { value throws(ConfigurationError) in
            let size = try value.byteCount()
            guard size >= ConfigurationDecoder.leastFileSize else {
                let message = "\(value.label) is '\(try value.text())', but must be 1MB or more, such as 256MB."
                throw ConfigurationError(message, at: value.node.position)
            }
            return size
        }
        return parquet
    }

    /// What only a Delta table can be told: elsewhere it would be believed, and not be done.
    private func deltaRules(
        _ target: inout MappingReader, _ format: Target.Format
    ) throws(ConfigurationError) -> DeltaRules {
        var rules = DeltaRules()
        let schema = try target.value("schema") { value throws(ConfigurationError) in
            try self.require(.delta, format, value)
            return try value.choice(DeltaRules.Schema.self)
        }
        if let schema { rules.schema = schema }
        let concurrentWrites = try target.value("concurrent_writes") { value throws(ConfigurationError) in
            try self.require(.delta, format, value)
            return try value.choice(DeltaRules.ConcurrentWrites.self)
        }
        if let concurrentWrites { rules.concurrentWrites = concurrentWrites }
        return rules
    }

    private func require(
        _ needed: Target.Format, _ format: Target.Format, _ value: ScalarReader
    ) throws(ConfigurationError) {
        guard format != needed else { return }
        let message =
            "\(value.label) goes with 'format: \(needed.rawValue)' only, and this target is '\(format.rawValue)'."
        throw ConfigurationError(message, at: value.node.position)
    }
}
