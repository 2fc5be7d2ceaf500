internal import Glibc
internal import Synchronization

/// Nobody reads what is written any more, as in `reprocess plan | head`.
struct OutputClosed: Error {}

/// The output cannot be written, for a reason that the user must know.
struct OutputError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}

/// A buffered stream over a file descriptor that it does not own.
///
/// Writing may block while a reader is slow.
final class FileOutput: Sendable {
    private static let bufferSize = 1 << 16

    let descriptor: Int32
    private let buffer = Mutex<[UInt8]>([])

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Tells whether a person sees this stream.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// The terminal's width in columns; nil where it has none (ioctl_tty(2), TIOCGWINSZ).
    var width: Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Appends to the buffer, and writes it out where it is full.
    func write(_ text: String) throws {
        try buffer.withLock { buffer in
            buffer.append(contentsOf: text.utf8)
            if buffer.count >= FileOutput.bufferSize { try drain(&buffer) }
        }
    }

    /// Writes out what is buffered.
    func flush() throws {
        try buffer.withLock { try drain(&$0) }
    }

    private func drain(_ buffer: inout [UInt8]) throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        try buffer.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written >= 0 {
                    rest = rest.dropFirst(written)
                } else {
                    try recover(from: errno)
                }
            }
        }
    }

    /// Returns where the write can be tried again.
    private func recover(from code: Int32) throws {
        switch code {
        case EINTR: return
        case EAGAIN:
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = poll(&request, 1, -1)
        case EPIPE, EIO: throw OutputClosed()
        default: throw OutputError(message: "The output cannot be written: \(String(cString: strerror(code))).")
        }
    }
}
