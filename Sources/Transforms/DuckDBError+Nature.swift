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

    /// How long the server wants to be left alone: `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
    ///
    /// A date is compared with the server's own clock where the server has told it, so that a wrong one here does no harm.
    /// What is no number of seconds and no date is left to the usual delays.
    func retryAfter(now: Int) -> Duration? {
        guard let text = headers["retry-after"] else { return nil }
        if let seconds = Int(text) { return seconds >= 0 ? .seconds(seconds) : nil }
        guard let date = HTTPDate(text, now: now) else { return nil }
        let told = headers["date"].flatMap { HTTPDate($0, now: now) }
        return .seconds(max(0, date.secondsSince1970 - (told?.secondsSince1970 ?? now)))
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
