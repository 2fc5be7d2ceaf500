internal import CLibPQ
internal import Foundation
internal import Partitions

/// Reads the columns of one row of a result, which must outlive it: it is lent to a decoding closure and not kept.
///
/// Columns come in text format. A column that does not have the form its statement promises is a malformed ledger.
struct RowReader {
    private let result: OpaquePointer
    private let row: Int32

    init(result: OpaquePointer, row: Int32) {
        self.result = result
        self.row = row
    }

    /// The bytes of a column, nil for NULL.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer? {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return nil }
        return UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
    }

    /// A text, nil for NULL.
    func text(_ column: Int32) -> String? {
        bytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A text that is never NULL.
    func requiredText(_ column: Int32) throws(LedgerError) -> String {
        guard let text = text(column) else { throw malformed(column) }
        return text
    }

    /// A whole number, nil for NULL.
    func integer(_ column: Int32) throws(LedgerError) -> Int64? {
        guard let text = text(column) else { return nil }
        guard let number = Int64(text) else { throw malformed(column) }
        return number
    }

    /// A whole number that is never NULL.
    func requiredInteger(_ column: Int32) throws(LedgerError) -> Int64 {
        guard let number = try integer(column) else { throw malformed(column) }
        return number
    }

    /// A number of seconds, nil for NULL.
    func seconds(_ column: Int32) throws(LedgerError) -> Double? {
        guard let text = text(column) else { return nil }
        guard let number = Double(text) else { throw malformed(column) }
        return number
    }

    /// A point in time, sent as seconds since 1970; nil for NULL.
    func date(_ column: Int32) throws(LedgerError) -> Date? {
        try seconds(column).map(Date.init(timeIntervalSince1970:))
    }

    /// A point in time that is never NULL.
    func requiredDate(_ column: Int32) throws(LedgerError) -> Date {
        guard let date = try date(column) else { throw malformed(column) }
        return date
    }

    /// A truth value; NULL is false.
    func flag(_ column: Int32) -> Bool {
        bytes(column)?.first == UInt8(ascii: "t")
    }

    /// A random id that is never NULL.
    func uuid(_ column: Int32) throws(LedgerError) -> UUID {
        guard let id = UUID(uuidString: try requiredText(column)) else { throw malformed(column) }
        return id
    }

    /// A status.
    func status(_ column: Int32) throws(LedgerError) -> Status {
        guard let status = Status(rawValue: try requiredText(column)) else { throw malformed(column) }
        return status
    }

    /// What an attempt was made for.
    func attemptKind(_ column: Int32) throws(LedgerError) -> AttemptKind {
        guard let kind = AttemptKind(rawValue: try requiredText(column)) else { throw malformed(column) }
        return kind
    }

    /// What a person decided.
    func decisionKind(_ column: Int32) throws(LedgerError) -> DecisionKind {
        guard let kind = DecisionKind(rawValue: try requiredText(column)) else { throw malformed(column) }
        return kind
    }

    /// The key of a partition, of the granularity that its length tells.
    func key(_ column: Int32) throws(LedgerError) -> PartitionKey {
        guard let bytes = bytes(column), let key = PartitionKey(ledgerText: bytes) else { throw malformed(column) }
        return key
    }

    private func malformed(_ column: Int32) -> LedgerError {
        let name = PQfname(result, column).map { String(cString: $0) } ?? "\(column)"
        let shown = text(column).map { "'\(ErrorText.cleaned($0, limit: 100))'" } ?? "NULL"
        return LedgerError(
            .malformed,
            "The ledger holds \(shown) as \(name), which this program does not understand. Correct the row by hand, or "
                + "upgrade the program if a newer one wrote it.")
    }
}
