internal import Transforms

/// What is different about one column of two generations, in numbers.
struct ColumnDifference: Sendable, Hashable {
    /// One number, or least or greatest value, of both generations.
    struct Measure: Sendable, Hashable {
        let name: String
        /// Nil where there was none.
        let old: String?
        let new: String?
        /// By how much the new one differs; empty where that cannot be said.
        let change: String
        let isDifferent: Bool

        init(name: String, old: String?, new: String?, isDifferent: Bool? = nil, change: String) {
            self.name = name
            self.old = old
            self.new = new
            self.isDifferent = isDifferent ?? (old != new)
            self.change = change
        }
    }

    let column: String
    /// The new generation has no such column.
    let isGone: Bool
    let measures: [Measure]

    var isDifferent: Bool { measures.contains(where: \.isDifferent) }

    /// All columns of both generations: the new one's order, then those that are gone.
    ///
    /// Of an old one of which only footers told, what they did not tell is no difference.
    static func all(old: PartitionStatistics?, new: PartitionStatistics?) -> [ColumnDifference] {
        let isPartial = old.map { $0.digest == nil } ?? false
        let before = Dictionary((old?.columns ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Set((new?.columns ?? []).map(\.name))
        let kept = (new?.columns ?? []).map { column in
            ColumnDifference(
                old: before[column.name], new: column, isPartial: isPartial,
                remark: old == nil ? "" : before[column.name].map { remark($0, column) } ?? "new column")
        }
        let gone = (old?.columns ?? []).filter { !after.contains($0.name) }.map { column in
            ColumnDifference(old: column, new: nil, isPartial: isPartial, remark: "column is gone")
        }
        return kept + gone
    }

    private static func remark(_ old: PartitionStatistics.Column, _ new: PartitionStatistics.Column) -> String {
        old.type == new.type || old.type.isEmpty ? "" : "another type"
    }

    private init(
        old: PartitionStatistics.Column?, new: PartitionStatistics.Column?, isPartial: Bool, remark: String
    ) {
        column = new?.name ?? old?.name ?? ""
        isGone = new == nil
        let distinct = (old: old?.distinct, new: new?.distinct)
        let oldType = old?.type.isEmpty == true ? nil : old?.type
        let measures = [
            Measure(name: "type", old: oldType, new: new?.type, change: remark),
            .count("nulls", old?.nulls, new?.nulls), .count("distinct", distinct.old, distinct.new, mark: "~"),
            .value("min", old?.min, new?.min), .value("max", old?.max, new?.max), .sum(old?.sum, new?.sum),
        ]
        self.measures = isPartial && old != nil ? measures.map(\.knownDifference) : measures
    }
}

extension ColumnDifference.Measure {
    /// The same, where an old number that is missing is one that nobody told.
    fileprivate var knownDifference: Self {
        Self(name: name, old: old, new: new, isDifferent: old != nil && isDifferent, change: change)
    }

    fileprivate static func count(_ name: String, _ old: Int64?, _ new: Int64?, mark: String = "") -> Self {
        Self(
            name: name, old: old.map { mark + NumberText.grouped($0) }, new: new.map { mark + NumberText.grouped($0) },
            change: change(old.map { Quantity($0) }, new.map { Quantity($0) }, Quantity.change))
    }

    /// A least or greatest value; what it differs by is said of numbers only.
    fileprivate static func value(_ name: String, _ old: String?, _ new: String?) -> Self {
        Self(
            name: name, old: old?.visible, new: new?.visible,
            change: change(old.flatMap { Quantity($0) }, new.flatMap { Quantity($0) }, Quantity.difference))
    }

    /// A sum; rounded ones may look alike and differ all the same, which their change tells.
    fileprivate static func sum(_ old: String?, _ new: String?) -> Self {
        Self(
            name: "sum", old: old.map(Quantity.text), new: new.map(Quantity.text), isDifferent: old != new,
            change: change(old.flatMap { Quantity($0) }, new.flatMap { Quantity($0) }, Quantity.change))
    }

    private static func change(
        _ old: Quantity?, _ new: Quantity?, _ describe: (Quantity, Quantity) -> String
    ) -> String {
        guard let old, let new else { return "" }
        return describe(old, new)
    }
}
