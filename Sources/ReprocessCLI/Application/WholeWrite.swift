internal import Glibc
internal import ProgressStore

/// Writes to a file in which nothing blocks and nobody listens.
enum WholeWrite {
    /// Writes all bytes of a text.
    ///
    /// - Returns: Why they could not be written, for people; nil where they were.
    static func write(_ text: String, to descriptor: Int32) -> String? {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return systemMessage()
            }
        }
        return nil
    }
}
