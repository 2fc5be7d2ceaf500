internal import Foundation
internal import Glibc

/// Errors as sentences.
enum ErrorText {
    /// The sentence of an error: our own, or the system's, and never the name of a Swift type.
    static func sentence(for error: any Error) -> String {
        if error is CancellationError { return "Stopped." }
        if let reason = (error as? CocoaError)?.underlying as? POSIXError {
            return String(cString: strerror(reason.code.rawValue)) + "."
        }
        if error is any LocalizedError || error is CocoaError || error is POSIXError {
            return error.localizedDescription
        }
        return String(describing: error)
    }
}
