internal import Foundation

/// Why DuckDB refused or failed.
package struct DuckDBError: Error, Sendable, Hashable {
    /// The kind of failure, from the name of DuckDB's exception.
    package enum Kind: Sendable, Hashable {
        case libraryMissing
        case libraryUnsuitable
        case parser, binder, catalog
        case conversion, outOfRange, invalidInput
        case io, http, permission
        case outOfMemory, interrupted
        case missingExtension
        case other(String)
    }

    /// The kind of failure.
    package let kind: Kind
    /// DuckDB's message, which may quote values of rows: pass it through `Redaction` before a user sees it.
    package let message: String
    /// Where in the statement the error lies, in the unit that DuckDB gave it.
    package let position: Position?
    /// A closer name within the kind, such as `COLUMN_NOT_FOUND`.
    package let subtype: String?
    /// The status that a server answered with over HTTP.
    package let status: Int?
    /// What a server said beside it, by names in lower case.
    package let headers: [String: String]

    /// An offset into the statement's text.
    ///
    /// The parser counts characters, as PostgreSQL's does from which it comes; the binder counts bytes of UTF-8.
    package enum Position: Sendable, Hashable {
        case characters(Int)
        case bytes(Int)
    }

    package init(
        _ kind: Kind, _ message: String, position: Position? = nil, subtype: String? = nil, status: Int? = nil,
        headers: [String: String] = [:]
    ) {
        self.kind = kind
        self.message = message
        self.position = position
        self.subtype = subtype
        self.status = status
        self.headers = headers
    }

    /// Reads a report as DuckDB writes it with the setting `errors_as_json`: a JSON object, at times after a prefix.
    package init(report: String) {
        guard let brace = report.firstIndex(of: "{"),
            let fields = DuckDBError.fields(of: report[brace...]), let type = fields["exception_type"]
        else {
            self.init(.other("Unknown"), report)
            return
        }
        self.init(exception: type, message: fields["exception_message"] ?? "", fields: fields)
    }

    package init(exception type: String, message: String, fields: [String: String]) {
        let kind = Kind(exceptionType: type)
        let position = fields["position"].flatMap(Int.init).map { offset in
            kind == .parser ? Position.characters(offset) : .bytes(offset)
        }
        var headers: [String: String] = [:]
        for (name, value) in fields where name.hasPrefix("header_") {
            headers[name.dropFirst("header_".count).lowercased()] = value
        }
        self.init(
            kind, message, position: position, subtype: fields["error_subtype"],
            status: fields["status_code"].flatMap(Int.init), headers: headers)
    }

    private static func fields(of json: Substring) -> [String: String]? {
        // A message that is not JSON is no error of ours: the caller then takes the report as it stands.
        (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: String]
    }
}

extension DuckDBError.Kind {
    /// Reads the name of an exception of DuckDB (`Exception::ExceptionTypeToString`), in any case.
    package init(exceptionType: String) {
        switch exceptionType.lowercased() {
        case "parser", "syntax": self = .parser
        case "binder", "parameter not resolved", "parameter not allowed": self = .binder
        case "catalog": self = .catalog
        case "conversion": self = .conversion
        case "out of range": self = .outOfRange
        case "invalid input": self = .invalidInput
        case "io": self = .io
        case "http", "network": self = .http
        case "permission": self = .permission
        case "out of memory": self = .outOfMemory
        case "interrupt": self = .interrupted
        case "missing extension", "extension autoloading": self = .missingExtension
        default: self = .other(exceptionType)
        }
    }
}
