internal import Foundation

/// Errors as sentences.
enum ErrorText {
    /// The sentence of an error: our own, or the system's, and never the name of a Swift type.
    static func sentence(for error: any Error) -> String {
        if error is CancellationError { return "Stopped." }
        if let error = error as? any CustomStringConvertible & Error { return error.description }
        return error.localizedDescription
    }
}
