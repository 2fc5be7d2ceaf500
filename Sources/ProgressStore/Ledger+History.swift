extension Ledger {
    /// The number of attempts that a report reads at a time.
    private static let attemptPageSize = 10_000

    /// Streams the attempts of a run by partition and fence, in pages.
    ///
    /// A page is as things are when it is read.
    public func forEachAttempt(ofRun run: Int64, _ body: (RunAttempt) -> Void) async throws {
        try await forEachAttempt(ofRun: run, pageSize: Ledger.attemptPageSize, body)
    }

    func forEachAttempt(ofRun run: Int64, pageSize: Int, _ body: (RunAttempt) -> Void) async throws {
        var last: MarkedAttempt?
        while true {
            let page = RunAttempts(run: run, after: last, limit: pageSize)
            let attempts = try await work.with { line in try await line.run(page) }
            attempts.forEach(body)
            guard attempts.count == pageSize, let end = attempts.last else { return }
            last = MarkedAttempt(key: end.key, fence: end.fence)
        }
    }
}
