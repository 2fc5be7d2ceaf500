/// What an attempt staged and that waits for somebody's decision, set aside where no reader and no later attempt looks.
public struct HeldGeneration: Sendable, Hashable {
    /// The attempt that staged it.
    public let writer: Writer
    /// The absolute paths of its files, sorted.
    public let files: [String]
    /// The size of its files in bytes.
    public let bytes: Int64

    /// Creates a held generation.
    public init(writer: Writer, files: [String], bytes: Int64) {
        self.writer = writer
        self.files = files
        self.bytes = bytes
    }
}
