internal import Foundation
internal import Lakehouse
internal import ProgressStore
internal import Transforms

/// What an error says about another try.
struct FailureClass: Sendable, Hashable {
    let nature: FailureNature
    /// How long whoever refused wants to be left alone.
    let retryAfter: Duration?

    private init(_ nature: FailureNature, retryAfter: Duration? = nil) {
        self.nature = nature
        self.retryAfter = retryAfter
    }

    init(of error: any Error) {
        switch error {
        case let error as any ClassifiedFailure: self.init(error.nature, retryAfter: error.retryAfter)
        case let error as TableError: self.init(Self.nature(of: error.code))
        case let error as LedgerError: self.init(error.code == .unreachable ? .transient : .permanent)
        case is ForeignFenceError, is AuditError: self.init(.permanent)
        default: self.init(Self.isOfTheSystem(error) ? .transient : .unknown)
        }
    }

    private static func nature(of code: TableError.Code) -> FailureNature {
        switch code {
        case .refused, .notWritable, .missing: .permanent
        case .busy, .diskFull, .io, .damaged: .transient
        default: .unknown
        }
    }

    /// What a closure's own network and system calls end with, as Foundation reports them.
    private static func isOfTheSystem(_ error: any Error) -> Bool {
        let error = error as NSError
        switch error.domain {
        case NSURLErrorDomain: return passingURLErrors.contains(error.code)
        case NSPOSIXErrorDomain: return passingSystemErrors.contains(Int32(error.code))
        default: return false
        }
    }

    /// Timed out, host not found, cannot connect, connection lost, lookup failed, not connected, load failed.
    private static let passingURLErrors: Set<Int> = [-1001, -1003, -1004, -1005, -1006, -1009, -1011]
    private static let passingSystemErrors: Set<Int32> = [
        EAGAIN, EBUSY, ECONNABORTED, ECONNREFUSED, ECONNRESET, EHOSTDOWN, EHOSTUNREACH, EIO, EMFILE, ENETDOWN,
        ENETUNREACH, ENFILE, ENOBUFS, ENOMEM, ENOSPC, EPIPE, ESTALE, ETIMEDOUT, ETXTBSY,
    ]
}
