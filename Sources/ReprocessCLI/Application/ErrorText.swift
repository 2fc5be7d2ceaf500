internal import Foundation

/// Errors as sentences.
enum ErrorText {
    /// The sentence of an error: our own, or the system's, and never the name of a Swift type.
    static func sentence(for error: any Error) -> String {
        if error is CancellationError { return "Stopped." }
        if error is any LocalizedError || error is CocoaError || error is POSIXError {
            return error.localizedDescription
        }
        return String(describing: error)
    }
}
