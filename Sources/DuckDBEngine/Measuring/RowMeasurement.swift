internal import CMeasure
internal import Synchronization

/// Measures the rows of one statement, which calls `reprocess_measure` with this measurement's token.
///
/// A statement that is run again needs another measurement: what the first one counted is not taken back.
package final class RowMeasurement: Sendable {
    /// A column whose values are cast before they are measured.
    package struct Cast: Sendable, Hashable {
        /// The name.
        package let name: String
        /// The type, as SQL spells it.
        package let type: String

        package init(name: String, type: String) {
            self.name = name
            self.type = type
        }
    }

    /// Names the measurement in the statement.
    package let token: String
    /// The column that is no part of the rows, in lower case.
    let excluded: String
    /// The names of the columns that the statement casts, in the order of the arguments.
    let casts: [String]

    private struct State {
        /// DuckDB may bind a call more than once, and run one of them.
        var bindings: [MeasurementBinding] = []
    }

    private let state = Mutex(State())
    private static let open = Mutex<[String: WeakMeasurement]>([:])

    /// Begins a measurement.
    ///
    /// - Parameters:
    ///   - column: A column that is left out, in whatever case.
    ///   - casts: The columns that the statement casts. Where the result has others to be cast, the statement fails when it
    ///     is bound.
    package init(excluding column: String, casts: [Cast]) {
        token =
            "m" + String(UInt64.random(in: .min ... .max), radix: 36)
            + String(UInt64.random(in: .min ... .max), radix: 36)
        excluded = column.lowercased()
        self.casts = casts.map(\.name)
        let entry = WeakMeasurement(self)
        RowMeasurement.open.withLock { $0[token] = entry }
    }

    deinit {
        let token = token
        RowMeasurement.open.withLock { _ = $0.removeValue(forKey: token) }
    }

    /// The measurement of a token; nil where there is none.
    static func named(_ token: String) -> RowMeasurement? { open.withLock { $0[token]?.measurement } }

    func add(_ binding: MeasurementBinding) { state.withLock { $0.bindings.append(binding) } }

    /// What was measured, once the statement has ended; nil where it never called.
    package func finish() -> MeasuredRows? {
        let bindings = state.withLock { $0.bindings }
        let results = bindings.map { $0.finish() }
        // Where none has a row, all say the same of the columns.
        return results.max { $0.rows < $1.rows }
    }
}

/// Keeps no measurement alive: the statement's owner does.
private struct WeakMeasurement: Sendable {
    weak let measurement: RowMeasurement?

    init(_ measurement: RowMeasurement) { self.measurement = measurement }
}
