internal import Foundation
internal import Partitions

/// Which of some partitions are the heaviest: by the seconds that they will take, or by their bytes where no seconds are known.
struct Weights: Sendable {
    /// What is heavier by less than this part is not told apart near the end, nor is what is done within a moment: chance
    /// would decide.
    private static let step = 1.25
    private static let least = (seconds: 0.1, bytes: 1_000_000.0)

    private let values: [PartitionKey: Double]
    private let isInSeconds: Bool
    /// What a partition counts as of which nothing is known: as much as half of the others.
    private let unknown: Double

    init(_ prices: [PartitionKey: PartitionPrice]) {
        let seconds = prices.compactMapValues(\.seconds)
        isInSeconds = !seconds.isEmpty
        values = isInSeconds ? seconds : prices.compactMapValues { $0.bytes.map { Double($0) } }
        let sorted = values.values.sorted()
        unknown = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    /// The weight of a partition.
    func weight(of key: PartitionKey) -> Double { values[key] ?? unknown }

    /// The heaviest first; those of equal weight stay in their order.
    func heaviestFirst(_ keys: [PartitionKey]) -> [PartitionKey] { keys.sortedStably { -weight(of: $0) } }

    /// The clearly heavier first; what is about as heavy stays in its order.
    func clearlyHeaviestFirst(_ keys: [PartitionKey]) -> [PartitionKey] { keys.sortedStably { -grade(of: $0) } }

    private func grade(of key: PartitionKey) -> Double {
        let least = isInSeconds ? Self.least.seconds : Self.least.bytes
        let weight = weight(of: key) / least
        return weight <= 1 ? 0 : (log(weight) / log(Self.step)).rounded()
    }
}

extension Array {
    /// The elements by a number, those with the same number in the order in which they were.
    fileprivate func sortedStably(by number: (Element) -> Double) -> [Element] {
        enumerated().map { (offset: $0.offset, number: number($0.element), element: $0.element) }
            .sorted { ($0.number, $0.offset) < ($1.number, $1.offset) }.map(\.element)
    }
}
