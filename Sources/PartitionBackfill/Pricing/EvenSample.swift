internal import Partitions

/// Things at equal distances, where there are more than are looked at one by one.
enum EvenSample {
    /// Partitions that a plan looks at.
    static let most = 4096

    /// As many places of a list as are wanted; first and last are always among them.
    static func offsets(of count: Int, most: Int) -> [Int] {
        guard count > most else { return Array(0..<count) }
        return (0..<most).map { most == 1 ? 0 : $0 * (count - 1) / (most - 1) }
    }

    /// As many partitions of ranges as are wanted, by the order of the ranges; first and last are always among them.
    static func keys(of ranges: [PartitionRange], most: Int = most) -> [PartitionKey] {
        let count = ranges.reduce(0) { $0 + $1.count }
        guard count > most else { return ranges.flatMap { Array($0) } }
        var keys: [PartitionKey] = []
        var (place, before) = (0, 0)
        for offset in offsets(of: count, most: most) {
            while offset - before >= ranges[place].count {
                before += ranges[place].count
                place += 1
            }
            keys.append(ranges[place][ranges[place].ordinals.lowerBound + offset - before])
        }
        return keys
    }
}
