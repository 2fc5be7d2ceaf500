internal import Glibc

/// What can be told of a Parquet file without reading it.
enum ParquetFile {
    /// Refuses a file that no reader could open, before it becomes part of a table.
    ///
    /// A Parquet file begins with the four letters PAR1 and ends with them, behind its footer (the format's "File
    /// Format"; PARE where the footer is encrypted). A file whose writer died has no end.
    static func check(_ path: String, _ status: FileStatus?) throws {
        guard let status, status.kind == .file else {
            throw TableError(
                .refused,
                "\(path) is not a plain file. Stage Parquet files directly in the staging folder, without folders.")
        }
        // Head, smallest footer, its length and the end.
        guard status.size >= 12 else { throw incomplete(path) }
        let descriptor = try FileSystem.check("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        let head = try magic(descriptor, at: 0, path)
        let tail = try magic(descriptor, at: status.size - 4, path)
        guard head == tail, head == "PAR1" || head == "PARE" else { throw incomplete(path) }
    }

    private static func magic(_ descriptor: Int32, at offset: Int64, _ path: String) throws(SystemCallError) -> String {
        var bytes: [UInt8] = [0, 0, 0, 0]
        try FileSystem.check("pread", path) { Int32(pread(descriptor, &bytes, 4, off_t(offset))) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func incomplete(_ path: String) -> TableError {
        TableError(
            .refused,
            "\(path) is not a complete Parquet file. Nothing was published; make the transform finish its files.")
    }
}
