internal import Glibc

/// A system call that failed.
struct SystemCallError: Error, Hashable {
    /// The call's name.
    let call: String
    /// The path it was given.
    let path: String
    /// The error number.
    let number: Int32

    /// The text of the C library for the error number.
    var reason: String { String(cString: strerror(number)) }

    /// Captures `errno` right after a call failed.
    static func last(_ call: String, _ path: String) -> SystemCallError {
        SystemCallError(call: call, path: path, number: errno)
    }
}
