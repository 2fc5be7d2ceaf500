internal import Lakehouse
internal import Transforms

extension TableError {
    /// A job without a target was to be compared with it, or cleaned up beside it.
    static func noTable(of job: Job, to verb: String) -> TableError {
        TableError(
            .refused,
            """
            The job '\(job.name)' has no target: nobody but its own code knows what it made, so that there is nothing \
            to \(verb).
            """)
    }
}
