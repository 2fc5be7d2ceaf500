/// Who has been at a partition, as its staging folder and its visible files tell, and what that means for an attempt.
struct PartitionStanding {
    /// What an attempt may do.
    enum Verdict: Hashable {
        /// No other attempt has this fence or a higher one.
        case highest
        /// A higher fence is installed.
        case fenced(by: Int64)
        /// Another attempt has the same fence.
        case fenceTaken(by: Writer)
    }

    /// The names in the staging folder.
    let entries: [StagingEntry]
    /// The attempts that wrote visible files.
    let visibleWriters: Set<Writer>

    /// Judges an attempt.
    func verdict(on writer: Writer) -> Verdict {
        let others = visibleWriters.union(entries.map(\.writer)).subtracting([writer])
        guard let highest = others.max(by: { $0.fence < $1.fence }), highest.fence >= writer.fence else {
            return .highest
        }
        return highest.fence > writer.fence ? .fenced(by: highest.fence) : .fenceTaken(by: highest)
    }

    /// The attempts below a fence that have left something unsettled: a folder, or a publish that may not be durable.
    ///
    /// A writer of visible files is one of them unless its record says otherwise: a listing need not return names that
    /// came or went while it lasted, and an attempt that creates a partition just then has both.
    func unsettledWriters(below fence: Int64) -> [Writer] {
        let unsettled = entries.filter { entry in
            switch entry {
            case .staging, .revoked: true
            case .record(let record): record.state == .publishing
            case .floor: false
            }
        }
        let published = visibleWriters.filter { record(of: $0)?.state != .published }
        return published.union(unsettled.map(\.writer)).filter { $0.fence < fence }.sorted { $0.fence < $1.fence }
    }

    /// The record of an attempt.
    func record(of writer: Writer) -> PublishRecord? {
        let records = entries.compactMap { entry -> PublishRecord? in
            if case .record(let record) = entry, record.writer == writer { record } else { nil }
        }
        return records.first { $0.state == .published } ?? records.first
    }
}
