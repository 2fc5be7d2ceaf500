/// Audits as jobs in Swift declare them: `audits: [.notEmpty, .unique("id"), .rowCountDrop(0.1, severity: .hold)]`.
extension Audit {
    /// There is a row.
    public static var notEmpty: Audit { Audit(.notEmpty) }

    /// There is a row.
    public static func notEmpty(severity: Severity) -> Audit { Audit(.notEmpty, severity: severity) }

    /// No two rows have the same values in these columns.
    public static func unique(_ columns: String..., severity: Severity = .fail, showsKeys: Bool = false) -> Audit {
        Audit(.unique(columns), severity: severity, showsKeys: showsKeys)
    }

    /// These columns have a value in every row.
    public static func notNull(_ columns: String..., severity: Severity = .fail) -> Audit {
        Audit(.notNull(columns), severity: severity)
    }

    /// A column has none but these values; rows without a value do not count.
    public static func acceptedValues(
        _ column: String, _ values: [Source.Literal], severity: Severity = .fail, showsKeys: Bool = false
    ) -> Audit {
        Audit(.acceptedValues(column: column, values), severity: severity, showsKeys: showsKeys)
    }

    /// The values of a column lie between two, both inclusive; rows without a value do not count.
    public static func range(
        _ column: String, min: Source.Literal? = nil, max: Source.Literal? = nil, severity: Severity = .fail,
        showsKeys: Bool = false
    ) -> Audit {
        Audit(.range(column: column, min: min, max: max), severity: severity, showsKeys: showsKeys)
    }

    /// The number of rows lies between two, both inclusive.
    public static func rowCount(min: Int64? = nil, max: Int64? = nil, severity: Severity = .fail) -> Audit {
        Audit(.rowCount(min: min, max: max), severity: severity)
    }

    /// There are not fewer rows than in what is replaced, but for this fraction of those.
    public static func rowCountDrop(_ limit: Double, severity: Severity = .fail) -> Audit {
        Audit(.rowCountDrop(limit: limit), severity: severity)
    }

    /// There are neither fewer nor more rows than in what is replaced, but for this fraction of those.
    public static func rowCountChange(_ limit: Double, severity: Severity = .fail) -> Audit {
        Audit(.rowCountChange(limit: limit), severity: severity)
    }

    /// A query over `staged`, and over `previous` where it names that, returns nothing.
    public static func noRows(_ query: Query, severity: Severity = .fail, showsKeys: Bool = false) -> Audit {
        Audit(.noRows(query), severity: severity, showsKeys: showsKeys)
    }

    /// A statement over `staged`, and over `previous` where it names that, returns nothing.
    public static func noRows(_ sql: String, severity: Severity = .fail, showsKeys: Bool = false) -> Audit {
        noRows(Query(sql), severity: severity, showsKeys: showsKeys)
    }
}
