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
        let audits = try audits(&job)
        let batching = try batching(&job, sources)
        let statistics = try job.value("statistics") { value throws(ConfigurationError) in
            try value.parsed("true, false or full") { ["true", "false", "full"].contains($0) ? $0 : nil }
        }
        let defaults = try runDefaults(&job)
        try job.finish()
        return JobConfiguration(
            name: name, description: description, partitioning: partitioning, sources: sources, target: target,
            transformFile: transformFile, transformPosition: transform.position, audits: audits,
            measures: statistics != "false", measuresReplaced: statistics == "full", defaults: defaults,
            batching: batching)
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
        try pace(&run, &defaults)
        defaults.notify = try run.text("notify")
        try run.finish()
        return defaults
    }

    private func pace(_ run: inout MappingReader, _ defaults: inout RunDefaults) throws(ConfigurationError) {
        defaults.rate = try run.value("rate") { value throws(ConfigurationError) in
            try value.parsed("a number of partitions in a time, such as 30/min") { Rate(parsing: $0) }
        }
        defaults.window = try run.value("window") { value throws(ConfigurationError) in
            try value.parsed("hours and a time zone, such as 22:00-06:00 Europe/Berlin") { TimeWindow(parsing: $0) }
        }
        defaults.maxRunning = try run.value("max_running") { value throws(ConfigurationError) in
            try value.integer(in: RunLimits.maxRunning)
        }
        defaults.maxBytes = try run.value("max_bytes") { value throws(ConfigurationError) in try value.byteCount() }
        let breaker = try run.value("breaker") { value throws(ConfigurationError) in
            try value.integer(in: RunLimits.breaker)
        }
        if let breaker { defaults.breaker = breaker }
        let nice = try run.value("nice") { value throws(ConfigurationError) in
            try value.integer(in: ProcessPriority.bounds)
        }
        if let nice { defaults.nice = nice }
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
