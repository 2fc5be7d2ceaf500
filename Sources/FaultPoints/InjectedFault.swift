#if DEBUG
    internal import Glibc
    internal import Synchronization

    /// The error that a fault point throws when it is asked for one.
    package struct InjectedFaultError: Error, CustomStringConvertible {
        /// The point.
        package let point: FaultPoint
        /// Says where the error was injected.
        package var description: String { "Failed at the fault point \(point.rawValue), as REPROCESS_FAULT asked." }
    }

    /// One fault, as `point[:kill|stop|error[:nth]]` describes it; `REPROCESS_FAULT` has one or, with commas, several.
    ///
    /// `kill` is SIGKILL and the default. `stop` is SIGSTOP; the process goes on after SIGCONT. `nth` counts the arrivals
    /// at the point in this process; only that one has the fault, the first where nothing is said.
    final class InjectedFault: Sendable {
        private enum Action: String { case kill, stop, error }

        private let point: FaultPoint
        private let action: Action
        private let occurrence: Int
        private let arrivals = Mutex(0)

        /// Reads a description; nil where it is none.
        init?(_ text: String) {
            let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard (1...3).contains(fields.count), let point = FaultPoint(rawValue: fields[0]),
                let action = fields.count > 1 ? Action(rawValue: fields[1]) : .kill,
                let occurrence = fields.count > 2 ? Int(fields[2]) : 1, occurrence > 0
            else { return nil }
            self.point = point
            self.action = action
            self.occurrence = occurrence
        }

        static var fromEnvironment: [InjectedFault] {
            guard let value = getenv("REPROCESS_FAULT").map({ String(cString: $0) }), !value.isEmpty else { return [] }
            return value.split(separator: ",", omittingEmptySubsequences: false).map { text in
                guard let fault = InjectedFault(String(text)) else {
                    let names = FaultPoint.allCases.map(\.rawValue).joined(separator: ", ")
                    fatalError(
                        "REPROCESS_FAULT has \"\(text)\", not point[:kill|stop|error[:nth]] with one of: \(names)")
                }
                return fault
            }
        }

        func reached(_ reached: FaultPoint) throws {
            guard reached == point else { return }
            let arrival = arrivals.withLock { count in
                count += 1
                return count
            }
            guard arrival == occurrence else { return }
            // raise() signals this very thread, so nothing after this line runs before the signal has worked.
            switch action {
            case .kill: raise(SIGKILL)
            case .stop: raise(SIGSTOP)
            case .error: throw InjectedFaultError(point: point)
            }
        }
    }
#endif
