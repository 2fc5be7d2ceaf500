internal import Foundation
internal import Glibc

/// Reads a text file line by line; memory grows with the longest line, not with the file.
struct LineReader: ~Copyable {
    let path: String
    private let descriptor: Int32
    /// What has been read and not been given out: the bytes from `start` to `end`.
    private var buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var hasEnded = false

    private static let chunk = 1 << 16

    /// Opens a file; nil where there is none.
    static func openIfPresent(_ path: String) throws(SystemCallError) -> LineReader? {
        do {
            return LineReader(
                path: path, descriptor: try FileSystem.check("open", path) { open(path, O_RDONLY | O_CLOEXEC) })
        } catch  where error.number == ENOENT {
            return nil
        }
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
        buffer = .allocate(byteCount: LineReader.chunk, alignment: 16)
    }

    deinit {
        buffer.deallocate()
        close(descriptor)
    }

    /// What the open file is.
    func status() throws(SystemCallError) -> FileStatus {
        let descriptor = descriptor
        var status = stat()
        try FileSystem.check("fstat", path) { fstat(descriptor, &status) }
        return FileStatus(status)
    }

    /// The next line, without its end; nil after the last one.
    mutating func next() throws(SystemCallError) -> Data? {
        // What has been searched already is not searched again when more has come.
        var searched = start
        while true {
            if let lineEnd = firstNewline(from: searched) {
                let line = data(until: lineEnd)
                start = lineEnd + 1
                return line
            }
            if hasEnded {
                guard start < end else { return nil }
                let line = data(until: end)
                start = end
                return line
            }
            searched = end - start
            try fill()
        }
    }

    private func firstNewline(from position: Int) -> Int? {
        guard position < end, let base = buffer.baseAddress,
            let found = memchr(base + position, 0x0a, end - position)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    private func data(until lineEnd: Int) -> Data {
        Data(UnsafeRawBufferPointer(rebasing: buffer[start..<lineEnd]))
    }

    /// Moves what is left to the front and reads behind it, into a larger buffer where it is full.
    private mutating func fill() throws(SystemCallError) {
        let left = end - start
        var target = buffer
        if left * 2 > buffer.count { target = .allocate(byteCount: buffer.count * 4, alignment: 16) }
        if let from = buffer.baseAddress, let to = target.baseAddress { memmove(to, from + start, left) }
        if target.baseAddress != buffer.baseAddress { buffer.deallocate() }
        buffer = target
        (start, end) = (0, left)
        let (descriptor, free) = (descriptor, UnsafeMutableRawBufferPointer(rebasing: target[left...]))
        let count = try FileSystem.check("read", path) { Int32(read(descriptor, free.baseAddress, free.count)) }
        hasEnded = count == 0
        end += Int(count)
    }
}
