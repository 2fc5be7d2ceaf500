internal import Foundation

/// A name in the folder of a partition's attempts.
///
/// Every name carries the fence of its attempt, and the highest one is the partition's floor: no attempt below it can
/// begin any more.
enum DeltaAttemptEntry: Hashable, CustomStringConvertible {
    /// The file that becomes the log entry, by a rename that takes it by this name.
    case commit(Writer)
    /// The same file after it was taken away: no rename finds it under its name.
    case revoked(Writer)
    /// An empty file: the attempt may be committed with others, by the file of a group.
    case joins(Writer, UUID)
    /// What the partition was when the attempt began: an empty file whose name says it.
    case base(Writer, PartitionBase)
    /// The folder that the attempt fills.
    case staging(Writer)
    /// An empty file: the attempt has published and that is durable, or it was discarded.
    case ended(Writer)

    /// The attempt.
    var writer: Writer {
        switch self {
        case .commit(let writer), .revoked(let writer), .joins(let writer, _), .base(let writer, _),
            .staging(let writer), .ended(let writer):
            writer
        }
    }

    var description: String {
        switch self {
        case .commit(let writer): writer.name + ".commit"
        case .revoked(let writer): writer.name + ".revoked"
        case .joins(let writer, let group): writer.name + ".joins_" + group.uuidString.lowercased()
        case .base(let writer, let base): "\(writer.name).base_\(base.version)_\(base.digest)"
        case .staging(let writer): writer.name
        case .ended(let writer): writer.name + ".ended"
        }
    }

    /// Reads a name; nil for a name that is not ours.
    init?(_ name: String) {
        let fields = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let writer = Writer(name: fields[0]) else { return nil }
        switch fields.count == 1 ? nil : String(fields[1]) {
        case nil: self = .staging(writer)
        case "commit": self = .commit(writer)
        case "revoked": self = .revoked(writer)
        case "ended": self = .ended(writer)
        case let suffix?:
            let parts = suffix.split(separator: "_", omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == "joins", let group = UUID(uuidString: String(parts[1])) {
                self = .joins(writer, group)
            } else if parts.count == 3, parts[0] == "base", let version = Int64(parts[1]) {
                self = .base(writer, PartitionBase(version: version, digest: String(parts[2])))
            } else {
                return nil
            }
        }
    }
}

/// The attempts at a partition, as their folder and the log tell, and what that means for one of them.
struct DeltaStanding {
    /// What an attempt may do.
    enum Verdict: Hashable {
        /// No other attempt has this fence or a higher one.
        case highest
        /// A higher fence is installed.
        case fenced(by: Int64)
        /// Another attempt has the same fence.
        case fenceTaken
    }

    let entries: [DeltaAttemptEntry]
    /// The fence that the log has for the partition.
    let committedFence: Int64?
    /// The attempts that wrote files of the partition.
    let visibleWriters: Set<Writer>

    /// Judges an attempt.
    func verdict(on writer: Writer) -> Verdict {
        let others = visibleWriters.union(entries.map(\.writer)).subtracting([writer])
        let highest = max(others.map(\.fence).max() ?? 0, committedFence ?? 0)
        if highest > writer.fence { return .fenced(by: highest) }
        return others.contains { $0.fence == writer.fence } ? .fenceTaken : .highest
    }

    /// The attempts below a fence that have left anything.
    func writers(below fence: Int64) -> [Writer] {
        Set(entries.map(\.writer)).filter { $0.fence < fence }.sorted { $0.fence < $1.fence }
    }

    func has(_ entry: DeltaAttemptEntry) -> Bool { entries.contains(entry) }

    /// The groups with which an attempt may be committed.
    func groups(of writer: Writer) -> [UUID] {
        entries.compactMap { if case .joins(writer, let group) = $0 { group } else { nil } }
    }

    /// What the partition was when an attempt began.
    func base(of writer: Writer) -> PartitionBase? {
        for case .base(writer, let base) in entries { return base }
        return nil
    }
}
