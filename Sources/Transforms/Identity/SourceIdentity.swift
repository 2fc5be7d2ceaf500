/// What tells the files that a partition is made of from those that they become when somebody changes them.
public struct SourceIdentity: Sendable, Hashable {
    /// The digest of all files: the same for the same files in every process, wherever the project lies.
    public let digest: String
    /// The files, by their paths; those of tables have no times.
    public let files: [SourceFile]
    /// The size of all that the partition is made of; nil where it is not all among these files, or a size is not known.
    public let bytes: Int64?
}

/// A file that a partition is made of.
public struct SourceFile: Sendable, Hashable, Codable {
    /// The absolute path.
    public let path: String
    /// The size in bytes; of a file of a table as its log has it, nil where that does not say.
    public let bytes: Int64?
    /// When it was written, in nanoseconds since 1970; nil for the files of tables.
    public let modified: Int64?
}

/// Puts identities together, in a text that is the same everywhere.
struct IdentityDigest {
    /// The version of the scheme: what an other one has written compares as unknown, not as changed.
    static let scheme = "1:"

    private var digest = FowlerNollVoDigest()
    private(set) var files: [SourceFile] = []
    /// No source was left out.
    var isWhole = true

    /// Adds the files of a source; none is an identity of its own.
    mutating func add(_ source: Source, _ found: [(file: SourceFile, mark: String)]) {
        digest.add("source \(source.name)")
        digest.add(found.isEmpty ? "none" : "\(found.count) files")
        for (file, mark) in found.sorted(by: { $0.mark < $1.mark }) {
            digest.add(mark)
            files.append(file)
        }
    }

    var identity: SourceIdentity {
        SourceIdentity(
            digest: IdentityDigest.scheme + digest.description, files: files.sorted { $0.path < $1.path }, bytes: bytes)
    }

    private var bytes: Int64? {
        let known = files.compactMap(\.bytes)
        return isWhole && known.count == files.count ? known.reduce(0, +) : nil
    }
}
