import Synchronization

@testable import Lakehouse

/// The system calls that some code makes, in their order: `call path`.
enum SystemCalls {
    static func of(_ body: () throws -> Void) rethrows -> [String] {
        let calls = Mutex<[String]>([])
        try SystemCallTrace.$observer.withValue({ call, path in
            calls.withLock { $0.append(call + " " + path) }
        }) { try body() }
        return calls.withLock { $0 }
    }
}
