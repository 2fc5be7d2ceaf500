internal import Foundation

/// What becomes of a closure in whose batch memory ran out.
extension PartitionStage {
    /// Makes ready for the closure to be begun again, in smaller batches.
    ///
    /// What it has staged of the batch that it was at is removed. The batches before it are finished, and the closure goes on
    /// after them: it finds what a process finds that takes the partition over.
    ///
    /// - Throws: The error itself, where memory is not what failed, or no batch was being made.
    func beginAgain(after error: any Error) async throws {
        guard let reader, batch != nil, (error as? any ClassifiedFailure)?.nature == .outOfMemory else { throw error }
        try Task.checkCancellation()
        guard await reader.memoryRanOut() else { throw withAdvice(error, rows: await reader.rows) }
        batch = nil
        // It may be what the memory is taken by.
        try await session.drop(PartitionStage.relation)
        try emptyStaging()
        progress = .untouched
    }

    /// Memory ran out in the smallest batch that is tried.
    func withAdvice(_ error: any Error, rows: Int64) -> TransformError {
        TransformError(.outOfMemory, "\(error) Batches of \(rows) rows are the smallest that are tried of this job.")
    }

    /// Removes all that is staged: files of finished batches are elsewhere.
    private func emptyStaging() throws {
        for name in try stagedNames() { try FileManager.default.removeItem(atPath: (directory ?? "") + "/" + name) }
    }

    /// What lies in the staging folder; nothing where it was taken away, as whoever needs it next finds out.
    func stagedNames() throws -> [String] {
        guard let directory, FileManager.default.fileExists(atPath: directory) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory)
    }
}
