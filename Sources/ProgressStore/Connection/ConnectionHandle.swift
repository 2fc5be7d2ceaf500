internal import CLibPQ

/// A connection of libpq, closed when the handle goes.
struct ConnectionHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes over a connection.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { PQfinish(pointer) }

    /// Lends the connection to libpq calls.
    borrowing func withPointer<Result: ~Copyable, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(pointer)
    }
}

/// A result of libpq, cleared when the handle goes.
struct ResultHandle: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes over a result.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { PQclear(pointer) }

    /// What kind of answer this is.
    var status: ExecStatusType { PQresultStatus(pointer) }

    /// The error, where the answer is one.
    var failure: ServerError? {
        guard status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR else {
            return nil
        }
        return ServerError(
            sqlState: field(of: PG_DIAG_SQLSTATE),
            message: field(of: PG_DIAG_MESSAGE_PRIMARY) ?? String(cString: PQresultErrorMessage(pointer)))
    }

    /// Decodes each row.
    borrowing func rows<Row>(_ decode: (RowReader) throws(LedgerError) -> Row) throws(LedgerError) -> [Row] {
        let count = PQntuples(pointer)
        var rows: [Row] = []
        rows.reserveCapacity(Int(count))
        for index in 0..<count {
            rows.append(try decode(RowReader(result: pointer, row: index)))
        }
        return rows
    }

    // The detail of a server's error echoes values of rows and is never read.
    private func field(of code: Character) -> String? {
        guard let ascii = code.asciiValue, let text = PQresultErrorField(pointer, Int32(ascii)) else { return nil }
        return String(cString: text)
    }
}

// libpq's macros of these names are character constants, which Swift does not import.
private let PG_DIAG_SQLSTATE: Character = "C"
private let PG_DIAG_MESSAGE_PRIMARY: Character = "M"
