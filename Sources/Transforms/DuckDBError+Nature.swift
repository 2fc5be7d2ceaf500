internal import DuckDBEngine

extension DuckDBError {
    /// What another try promises.
    var nature: FailureNature {
        switch kind {
        case .outOfMemory: .outOfMemory
        case .http: isPassing(status) ? .transient : .permanent
        case .libraryMissing, .libraryUnsuitable, .parser, .binder, .catalog, .conversion, .outOfRange, .permission,
            .missingExtension:
            .permanent
        // A file system that is over the network fails as one does that is not.
        case .io: isOfResources ? .transient : .unknown
        case .invalidInput, .interrupted, .other: .unknown
        }
    }

    /// How long the server wants to be left alone: `Retry-After` in seconds; a date is left to the usual delays.
    var retryAfter: Duration? {
        guard let text = headers["retry-after"], let seconds = Int(text), seconds >= 0 else { return nil }
        return .seconds(seconds)
    }

    /// Without a status no server has answered. (RFC 9110: 408 is a timeout; RFC 6585: 429 is too many requests.)
    private func isPassing(_ status: Int?) -> Bool {
        guard let status else { return true }
        return status == 408 || status == 425 || status == 429 || (500...599).contains(status)
    }

    private var isOfResources: Bool {
        ["Too many open files", "Input/output error", "Resource temporarily unavailable", "Stale file handle"]
            .contains(where: message.contains)
    }
}
