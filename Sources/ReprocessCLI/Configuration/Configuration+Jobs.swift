internal import Transforms

extension Configuration {
    /// The jobs, with the SQL of their transforms read from its files.
    ///
    /// - Throws: `ConfigurationError` where a transform's file cannot be read.
    func loadJobs() throws(ConfigurationError) -> [Job] {
        try jobs.map { job throws(ConfigurationError) in try load(job) }
    }

    private func load(_ job: JobConfiguration) throws(ConfigurationError) -> Job {
        let text = try read(
            job.transformFile, "The transform '\(job.transformFile)' of the job '\(job.name)'", job.transformPosition)
        let query = Query(text, file: job.transformFile, sources: job.sources, batching: job.batching)
        let audits = try job.audits.map { audit throws(ConfigurationError) in try load(audit, of: job) }
        var loaded = Job(
            name: job.name, description: job.description, partitioning: job.partitioning, target: job.target,
            transform: .sql(query), version: query.fingerprint(), audits: audits, measures: job.measures,
            defaults: job.defaults)
        loaded.measuresReplaced = job.measuresReplaced
        return loaded
    }

    /// An audit, with its query read from its file.
    ///
    /// It is no part of the job's version: what judges makes no row.
    private func load(_ audit: AuditConfiguration, of job: JobConfiguration) throws(ConfigurationError) -> Audit {
        switch audit.rule {
        case .known(let rule): return Audit(rule, severity: audit.severity, showsKeys: audit.showsKeys)
        case .noRows(let path, let written):
            let text = try read(path, "The query '\(path)' of an audit of the job '\(job.name)'", audit.position)
            return Audit(
                .noRows(Query(text, file: path)), severity: audit.severity, showsKeys: audit.showsKeys,
                name: "no_rows: \(written)")
        }
    }

    private func read(
        _ path: String, _ name: String, _ position: SourcePosition
    ) throws(ConfigurationError) -> String {
        do {
            return try ConfigurationFile.read(path)
        } catch {
            throw ConfigurationError("\(name) cannot be used: \(error.message)", file: file, at: position)
        }
    }
}
