/// Runs work to its end also when the calling task is cancelled.
///
/// What has been published must be recorded, and what is given up must be given back, above all by a task that is
/// being cancelled. An unstructured task does not inherit the cancellation.
func withUncancelledTask<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await Task { try await work() }.value
}
