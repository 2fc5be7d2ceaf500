internal import Glibc

/// Who this process is, for people who read the ledger.
///
/// Never what decides: names come back, fences do not.
struct WorkerIdentity: Sendable {
    /// The name that the caller chose.
    let name: String
    /// The machine.
    let host: String
    /// The process.
    let processID: Int32

    init(name: String) {
        self.name = name
        var buffer = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&buffer, buffer.count - 1) == 0
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        host = isKnown ? String(decoding: bytes, as: UTF8.self) : "unknown"
        processID = getpid()
    }
}
