import Foundation
import Lakehouse
import Partitions
import TestSupport

extension Sample {
    /// Removes what may go when the ledger says the same of every attempt, unless something else is said of one.
    @discardableResult
    func clean(
        _ table: HiveTable? = nil, everyAttempt standing: AttemptStanding = .ended(ago: .seconds(3600)),
        but exceptions: [Int64: AttemptStanding] = [:], keep: Duration = .seconds(7 * 86_400),
        removesUnknown: Bool = false
    ) throws -> [Leftover] {
        let table = try table ?? self.table()
        var removed: [Leftover] = []
        for key in try table.partitionsWithLeftovers(.day) {
            let leftovers = try table.leftovers(of: key)
            var standings: [Writer: AttemptStanding] = [:]
            for writer in leftovers.writers { standings[writer] = exceptions[writer.fence] ?? standing }
            let rule = CleaningRule(keep: keep, removesUnknown: removesUnknown)
            for item in rule.decide(leftovers, standings: standings).removable where try table.remove(item, of: key) {
                removed.append(item)
            }
        }
        return removed
    }

    var previous: String { sibling + "/previous/2024-01-01" }

    /// The names in the staging folder without claim ids, for tests that read better so.
    var stagingNames: [String] { Sample.names(in: stagings).map(Sample.shortened) }

    /// Whether an attempt of this fence, made by another claim, could begin.
    func canBegin(_ fence: Int64) throws -> Bool {
        do {
            let staging = try table().begin(Sample.key, writer: Writer(fence: fence, claimID: UUID()))
            try FileManager.default.removeItem(atPath: staging.directory)
            return true
        } catch let error as TableError where error.code == .fenced || error.code == .refused {
            return false
        }
    }

    private static func shortened(_ name: String) -> String {
        let rest = name.drop { $0 == "0" }
        guard let dash = rest.firstIndex(of: "-") else { return name }
        return String(rest[..<dash]) + rest[dash...].dropFirst(37)
    }
}
