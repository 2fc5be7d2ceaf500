internal import Transforms

extension Configuration {
    /// The jobs, with the SQL of their transforms read from its files.
    ///
    /// - Throws: `ConfigurationError` where a transform's file cannot be read.
    func loadJobs() throws(ConfigurationError) -> [Job] {
        try jobs.map { job throws(ConfigurationError) in try load(job) }
    }

    private func load(_ job: JobConfiguration) throws(ConfigurationError) -> Job {
        let text: String
        do {
            text = try ConfigurationFile.read(job.transformFile)
        } catch {
            let message =
                "The transform '\(job.transformFile)' of the job '\(job.name)' cannot be used: \(error.message)"
            throw ConfigurationError(message, file: file, at: job.transformPosition)
        }
        let query = Query(text, file: job.transformFile, sources: job.sources)
        return Job(
            name: job.name, description: job.description, partitioning: job.partitioning, target: job.target,
            transform: .sql(query), version: query.fingerprint(), defaults: job.defaults)
    }
}
