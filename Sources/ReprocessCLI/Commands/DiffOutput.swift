internal import PartitionBackfill
internal import Partitions
internal import Transforms

/// Prints what `diff` found.
struct DiffOutput {
    /// Where the output is no terminal, which may be as wide as it likes.
    private static let usualWidth = 100

    let job: String
    let scope: DiffScope
    let judged: [Judged]
    let arguments: Arguments
    let console: Console

    private var style: Style { console.outputStyle }
    private var width: Int { max(40, console.output.width ?? Self.usualWidth) }
    private var isAboutOne: Bool {
        if case .partitions(let partitions, _) = scope { return partitions.count == 1 && judged.count == 1 }
        return false
    }

    /// Prints it; `compare` gives the rows of a partition where they are asked for, with their key columns.
    func print(_ compare: (PartitionKey) async throws -> (RowComparison, key: [String])?) async throws {
        if arguments.has("json") { return try await printJSON(compare) }
        guard !judged.isEmpty else { return try console.result(nothing) }
        if !isAboutOne {
            try console.result(DiffOverview(title: title, judged: judged, width: width, style: style).text)
        }
        for entry in judged where isAboutOne || console.isVerbose || arguments.has("rows") {
            try await printTable(entry, compare)
        }
        for key in unjudged { try console.result("\(job) \(key): no attempt at it was judged yet\n") }
    }

    private func printTable(
        _ entry: Judged, _ compare: (PartitionKey) async throws -> (RowComparison, key: [String])?
    ) async throws {
        if entry.state == .unchanged, !isAboutOne { return }
        try console.result((isAboutOne ? "" : "\n") + table(entry).text)
        guard entry.canCompareRows, let (rows, key) = try await compare(entry.key) else { return }
        try console.result(RowComparisonText(comparison: rows, keyColumns: key, width: width, style: style).text)
    }

    private func table(_ entry: Judged) -> DiffText {
        DiffText(
            job: job, judged: entry, showsAllColumns: arguments.has("all-columns"), width: width, style: style,
            paths: console.paths)
    }

    private func printJSON(_ compare: (PartitionKey) async throws -> (RowComparison, key: [String])?) async throws {
        var rows: [PartitionKey: RowComparison] = [:]
        for entry in judged where entry.canCompareRows {
            if let (comparison, _) = try await compare(entry.key) { rows[entry.key] = comparison }
        }
        var run: Int64?
        if case .run(let number) = scope { run = number }
        try console.result(DiffJSON.object(job: job, run: run, judged, rows: rows).text + "\n")
    }

    private var title: String {
        switch scope {
        case .run(let run): "\(job), run \(run)"
        case .held: "\(job), held"
        case .partitions(let partitions, _): partitions.hull.map { "\(job), \($0)" } ?? job
        }
    }

    private var nothing: String {
        switch scope {
        case .run: "\(title): it has brought no partition to an end\n"
        case .held: "\(job): nothing is held\n"
        case .partitions(let partitions, _):
            "\(title): no attempt at \(partitions.count == 1 ? "it" : "any of them") was judged yet\n"
        }
    }

    /// Partitions that are named on their own and of which there is nothing to show.
    private var unjudged: [PartitionKey] {
        guard case .partitions(_, let singles) = scope else { return [] }
        let known = Set(judged.map(\.key))
        return Set(singles).filter { !known.contains($0) }.sorted()
    }
}

extension Judged {
    /// Whether there are two generations whose rows can be compared.
    fileprivate var canCompareRows: Bool {
        guard old != nil, new != nil else { return false }
        return state == .held || state == .changed
    }
}
