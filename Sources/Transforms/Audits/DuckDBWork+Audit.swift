internal import DuckDBEngine
internal import Partitions

extension DuckDBWork {
    /// So many offending keys are shown at most.
    private static let shownKeys = 3

    /// Judges staged data: by numbers where they are enough, the rest in one pass over the rows.
    func audit(_ request: AuditRequest) throws -> [AuditFinding] {
        try checkColumns(of: request)
        var verdicts = request.audits.map { AuditVerdict(of: $0, request) }
        let open = verdicts.indices.filter { verdicts[$0] == .unknown && !request.audits[$0].isQuery }
        for (index, count) in zip(open, try counts(of: open.map { request.audits[$0] }, request)) {
            verdicts[index] =
                count == 0 ? .passed : .violated(count: count, message: request.audits[index].message(count: count))
        }
        return try zip(request.audits, verdicts).map { audit, verdict in
            if case .noRows(let query) = audit.rule { return try finding(of: audit, query, request) }
            return try finding(of: audit, verdict, request)
        }
    }

    private func finding(
        of audit: Audit, _ verdict: AuditVerdict, _ request: AuditRequest
    ) throws -> AuditFinding {
        guard case .violated(let count, let message) = verdict else {
            return AuditFinding(audit: audit.description, severity: audit.severity, hasPassed: true)
        }
        return AuditFinding(
            audit: audit.description, severity: audit.severity, hasPassed: false, count: count, message: message,
            keys: try keys(of: audit, request))
    }

    /// Fails where an audit names a column that is not there, before any row is read.
    private func checkColumns(of request: AuditRequest) throws {
        let named = request.audits.filter { !$0.columns.isEmpty }
        guard !named.isEmpty else { return }
        let columns: [String]
        if let statistics = request.statistics {
            columns = statistics.columns.map(\.name) + [request.column]
        } else {
            columns = try self.columns(ofOwn: try selection(request)).map(\.name)
        }
        let known = Set(columns.map { $0.lowercased() })
        for audit in named {
            guard let missing = audit.columns.first(where: { !known.contains($0.lowercased()) }) else { continue }
            throw TransformError(
                .query,
                "The audit '\(audit)' names the column '\(missing)', which the result does not have. Its columns are "
                    + "\(columns.joined(separator: ", ")).")
        }
    }

    private func selection(_ request: AuditRequest) throws -> String {
        guard
            let selection = AuditedRows(rows: request.staged, key: request.key, column: request.column).selection
        else { throw TransformError(.misuse, "There are no files to audit for the partition \(request.key).") }
        return selection
    }

    /// How much offends each audit.
    private func counts(of audits: [Audit], _ request: AuditRequest) throws -> [Int64] {
        guard !audits.isEmpty else { return [] }
        let statement = AuditStatement(staged: try selection(request))
        do {
            return try counts(audits, statement)
        } catch let error as TransformError where error.code == .query {
            // One of them is to blame, and the statement of all does not say which.
            guard audits.count > 1 else { throw blaming(audits[0], error) }
            return try audits.map { audit in
                do {
                    return try counts([audit], statement)[0]
                } catch let error as TransformError where error.code == .query {
                    throw blaming(audit, error)
                }
            }
        }
    }

    private func counts(_ audits: [Audit], _ statement: AuditStatement) throws -> [Int64] {
        let counts = try run(own: statement.counts(of: audits)).rows.first?.compactMap(\.integer) ?? []
        guard counts.count == audits.count else {
            throw TransformError(.query, "The engine did not count what offends the audits.")
        }
        return counts
    }

    private func blaming(_ audit: Audit, _ error: TransformError) -> TransformError {
        TransformError(error.code, "The audit '\(audit)' cannot be asked: \(error.message)")
    }

    /// Some of the offending keys, where the job allows them to be shown.
    private func keys(of audit: Audit, _ request: AuditRequest) throws -> [String] {
        guard audit.showsKeys, !audit.columns.isEmpty else { return [] }
        let statement = AuditStatement(staged: try selection(request))
        return try run(own: statement.keys(of: audit, limit: DuckDBWork.shownKeys)).rows.map { row in
            AuditKey.text(audit.columns, row)
        }
    }

    /// A query that must return nothing, over the relations `staged` and `previous`.
    private func finding(of audit: Audit, _ query: Query, _ request: AuditRequest) throws -> AuditFinding {
        try check(query)
        let scan = SQLScanner(query.text)
        let statement = try NoRowsStatement(
            query: query, scan: scan, key: request.key, column: request.column, staged: try selection(request),
            previous: request.previous.flatMap {
                AuditedRows(rows: $0, key: request.key, column: request.column).selection
            },
            others: relations(of: query, key: request.key, column: request.column, tables: [:]))
        let translation = FailureTranslation(query: query, scan: scan)
        let count = try run(statement.count(), translation).rows.first?.first?.integer ?? 0
        guard count > 0 else {
            return AuditFinding(audit: audit.description, severity: audit.severity, hasPassed: true)
        }
        var keys: [String] = []
        if audit.showsKeys {
            let shown = try run(statement.sample(DuckDBWork.shownKeys), translation)
            keys = shown.rows.map { AuditKey.text(shown.columns.map(\.name), $0) }
        }
        return AuditFinding(
            audit: audit.description, severity: audit.severity, hasPassed: false, count: count,
            message: audit.message(count: count), keys: keys)
    }
}

extension Audit {
    fileprivate var isQuery: Bool {
        guard case .noRows = rule else { return false }
        return true
    }
}

/// A key as people read it: `id = 7, day = 2024-01-02`.
private enum AuditKey {
    private static let greatestLength = 200

    static func text(_ columns: [String], _ values: [DuckDBValue]) -> String {
        let pairs = zip(columns, values).map { "\($0) = \($1.text ?? "null")" }.joined(separator: ", ")
        return pairs.count > greatestLength ? pairs.prefix(greatestLength) + "…" : pairs
    }
}
