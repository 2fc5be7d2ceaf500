internal import Partitions

/// What the numbers that are there already say of an audit, without a look at the rows.
enum AuditVerdict: Sendable, Hashable {
    case passed
    case violated(count: Int64, message: String)
    /// Only the rows can tell.
    case unknown

    init(of audit: Audit, _ request: AuditRequest) {
        let rows = request.stagedRows
        switch audit.rule {
        case .notEmpty: self = rows > 0 ? .passed : .violated(count: 0, message: "There are no rows.")
        case .rowCount(let min, let max): self = AuditVerdict.rowCount(rows, min, max)
        case .rowCountDrop(let limit):
            self = AuditVerdict.change(rows, request.previousRows, limit, allowsMore: true)
        case .rowCountChange(let limit):
            self = AuditVerdict.change(rows, request.previousRows, limit, allowsMore: false)
        case .notNull(let names):
            let columns = names.map { request.statistics?.column($0) }
            // A count of rows without a value in any of several columns needs the rows.
            self = columns.allSatisfy { $0?.nulls == 0 } ? .passed : .unknown
        case .range(let column, let min, let max):
            let found = request.statistics?.column(column)
            self =
                found.map { NumberRange(min: min, max: max).isProven(by: $0, rows: rows) } == true ? .passed : .unknown
        case .unique: self = rows < 2 ? .passed : .unknown
        case .acceptedValues: self = rows == 0 ? .passed : .unknown
        case .noRows: self = .unknown
        }
    }

    private static func rowCount(_ rows: Int64, _ min: Int64?, _ max: Int64?) -> AuditVerdict {
        if let min, rows < min {
            return .violated(count: min - rows, message: "There are \(rows) rows, which is fewer than \(min).")
        }
        if let max, rows > max {
            return .violated(count: rows - max, message: "There are \(rows) rows, which is more than \(max).")
        }
        return .passed
    }

    /// Where there is nothing to be compared with, nothing is wrong.
    private static func change(_ rows: Int64, _ previous: Int64?, _ limit: Double, allowsMore: Bool) -> AuditVerdict {
        guard let previous, previous > 0, rows != previous, !(allowsMore && rows > previous) else { return .passed }
        let difference = abs(rows - previous)
        let fraction = Double(difference) / Double(previous)
        // A fraction that was written in decimal digits is met to the last of them.
        guard fraction > limit + 1e-9 else { return .passed }
        let direction = rows < previous ? "fewer" : "more"
        return .violated(
            count: difference,
            message:
                "There are \(rows) rows where there were \(previous): \(Audit.percent(fraction)) \(direction), and "
                + "\(Audit.percent(limit)) are allowed.")
    }
}

extension PartitionStatistics {
    /// A column by its name, in whatever case.
    func column(_ name: String) -> Column? {
        columns.first { $0.name.lowercased() == name.lowercased() }
    }
}

/// A range of numbers, against the least and the greatest value of a column.
struct NumberRange {
    let min: Source.Literal?
    let max: Source.Literal?

    /// Whether the numbers prove that every value lies in the range; where they do not, the rows have to.
    func isProven(by column: PartitionStatistics.Column, rows: Int64) -> Bool {
        if column.nulls == rows { return true }
        guard let least = column.min.flatMap(Number.init), let greatest = column.max.flatMap(Number.init) else {
            return false
        }
        let isAbove = min.map { bound in Number(bound).map { $0 <= least } ?? false } ?? true
        let isBelow = max.map { bound in Number(bound).map { greatest <= $0 } ?? false } ?? true
        return isAbove && isBelow
    }

    /// A number that a double holds exactly, or nearly enough to be told from every other with as many digits.
    private struct Number {
        let value: Double

        init?(_ text: String) {
            // Fifteen decimal digits survive the way into a double and back.
            guard text.count(where: \.isNumber) <= 15, let value = Double(text), value.isFinite else { return nil }
            self.value = value
        }

        init?(_ literal: Source.Literal) {
            switch literal {
            case .integer(let value): self.init(String(value))
            case .double(let value): self.init("\(value)")
            case .bool, .text, .list, .map: return nil
            }
        }

        static func <= (left: Number, right: Number) -> Bool { left.value <= right.value }
    }
}
