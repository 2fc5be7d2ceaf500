/// A name in a partition's staging folder.
///
/// Every name carries the fence of its attempt, and the highest one is the partition's floor: no attempt below it can
/// begin any more.
enum StagingEntry: Hashable, CustomStringConvertible {
    /// The folder that the attempt fills, and that the exchange takes by this name. After the exchange the same name
    /// holds the generation that was replaced.
    case staging(Writer)
    /// The same folder after a higher fence took it away: no exchange finds it under its name.
    case revoked(Writer)
    /// An empty file whose name says what the attempt publishes, or published.
    case record(PublishRecord)
    /// An empty file that is nothing but a fence: cleaning leaves it where it took the highest staging away.
    case floor(Writer)

    /// The attempt.
    var writer: Writer {
        switch self {
        case .staging(let writer), .revoked(let writer), .floor(let writer): writer
        case .record(let record): record.writer
        }
    }

    var description: String {
        switch self {
        case .staging(let writer): writer.name
        case .revoked(let writer): writer.name + ".revoked"
        case .record(let record): record.description
        case .floor(let writer): writer.name + ".floor"
        }
    }

    /// Reads a name; nil for a name that is not ours.
    init?(_ name: String) {
        guard let dot = name.firstIndex(of: ".") else {
            guard let writer = Writer(name: name) else { return nil }
            self = .staging(writer)
            return
        }
        guard let writer = Writer(name: name[..<dot]) else { return nil }
        if name[dot...] == ".revoked" {
            self = .revoked(writer)
        } else if name[dot...] == ".floor" {
            self = .floor(writer)
        } else if let record = PublishRecord(writer: writer, suffix: name[name.index(after: dot)...]) {
            self = .record(record)
        } else {
            return nil
        }
    }
}

/// What an attempt publishes, written as a name: `<attempt>.publishing-<rows>-<files>-<bytes>`.
///
/// A name appears, changes and becomes durable in one step with its folder, so a record is never torn and costs no sync
/// of its own.
struct PublishRecord: Hashable, CustomStringConvertible {
    /// How far the publish has come.
    enum State: String { case publishing, published }

    let writer: Writer
    let state: State
    let rows: Int64
    let fileCount: Int
    let bytes: Int64

    var description: String { "\(writer.name).\(state)-\(rows)-\(fileCount)-\(bytes)" }

    /// The record once the generation is visible and durable.
    var published: PublishRecord {
        PublishRecord(writer: writer, state: .published, rows: rows, fileCount: fileCount, bytes: bytes)
    }

    init(writer: Writer, state: State, rows: Int64, fileCount: Int, bytes: Int64) {
        self.writer = writer
        self.state = state
        self.rows = rows
        self.fileCount = fileCount
        self.bytes = bytes
    }

    fileprivate init?(writer: Writer, suffix: Substring) {
        let fields = suffix.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count == 4, let state = State(rawValue: String(fields[0])), let rows = Int64(fields[1]),
            let fileCount = Int(fields[2]), let bytes = Int64(fields[3])
        else { return nil }
        self.init(writer: writer, state: state, rows: rows, fileCount: fileCount, bytes: bytes)
    }
}
