internal import DuckDBEngine
internal import Foundation

/// Turns DuckDB's errors into sentences for the user: with the place in the user's own text, and without row data.
struct FailureTranslation {
    let query: Query
    let scan: SQLScanner
    /// The files that the sources were found to be.
    var files: [String] = []
    /// The folder into which files are written, where there is one.
    var directory: String?
    /// The seconds since 1970, for servers that say until when they want to be left alone.
    var now: @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }

    func error(_ error: DuckDBError, in text: SQLText?) -> TransformError {
        switch error.kind {
        case .libraryMissing, .libraryUnsuitable: return TransformError(.engineMissing, error.message)
        case .outOfMemory: return outOfMemory(error)
        case .io where isDirectoryGone: return .stagingGone(directory ?? "")
        case .io where error.message.contains("No space left on device"): return diskFull()
        case .io where error.message.contains("Disk quota exceeded"): return diskFull()
        case .io where error.message.hasPrefix("No files found that match the pattern"):
            return TransformError(.sourceMissing, placed(error, in: text))
        case .parser: return TransformError(.syntax, placed(error, in: text))
        default:
            return TransformError(
                .query, withFiles(placed(error, in: text)), nature: error.nature,
                retryAfter: error.retryAfter(now: now()))
        }
    }

    /// A failed query together with the files that it read: the statement was right for the partition before.
    private func withFiles(_ message: String) -> String {
        guard let first = files.first, !files.contains(where: message.contains) else { return message }
        return message + "\n    while reading '\(first)'" + (files.count > 1 ? " and \(files.count - 1) more" : "")
    }

    /// A sentence about a place in the user's text.
    func syntaxError(_ message: String, at offset: Int) -> TransformError {
        TransformError(.syntax, sentence(message, at: offset))
    }

    private func placed(_ error: DuckDBError, in text: SQLText?) -> String {
        let known = [query.text] + files + query.sources.map(\.path)
        let redaction = Redaction(known: known, hasOwnErrors: scan.calledNames.contains("error"))
        let message = CandidateList.shortened(redaction.message(of: error)).trimmingSuffix(while: \.isWhitespace)
        let offset = error.position.flatMap { text?.origin(of: $0) }
        return sentence(String(message), at: offset)
    }

    private func sentence(_ message: String, at offset: Int?) -> String {
        guard let offset else { return query.file.map { "\($0): \(message)" } ?? message }
        let excerpt = StatementExcerpt(of: query.text, at: offset)
        let place = query.file.map { "\($0):\(excerpt.line)" } ?? "The statement, line \(excerpt.line)"
        return "\(place): \(message)\n\(excerpt.text)"
    }

    private func outOfMemory(_ error: DuckDBError) -> TransformError {
        let reason = error.message.prefix { !$0.isNewline }
        return TransformError(
            .outOfMemory,
            "The engine ran out of memory (\(reason)). Raise its memory limit, give it a temporary folder to spill to, "
                + "or run fewer partitions at the same time.")
    }

    private var isDirectoryGone: Bool { directory.map { !FileManager.default.fileExists(atPath: $0) } ?? false }

    private func diskFull() -> TransformError {
        TransformError(
            .diskFull,
            "The disk is full\(directory.map { ": '\($0)' could not be written" } ?? ""). Nothing was published. Free "
                + "some space, then run the partition again.")
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> SubSequence {
        guard let last = lastIndex(where: { !condition($0) }) else { return self[startIndex..<startIndex] }
        return self[...last]
    }
}
