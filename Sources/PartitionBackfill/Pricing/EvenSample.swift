internal import Partitions

/// Partitions at equal distances, where there are more than are looked at one by one.
enum EvenSample {
    /// Partitions that a plan looks at.
    static let most = 4096

    /// As many partitions of ranges as are wanted, by the order of the ranges; first and last are always among them.
    static func keys(of ranges: [PartitionRange], most: Int = most) -> [PartitionKey] {
        let count = ranges.reduce(0) { $0 + $1.count }
        guard count > most else { return ranges.flatMap { Array($0) } }
        var keys: [PartitionKey] = []
        var (place, before) = (0, 0)
        for number in 0..<most {
            let offset = most == 1 ? 0 : number * (count - 1) / (most - 1)
            while offset - before >= ranges[place].count {
                before += ranges[place].count
                place += 1
            }
            keys.append(ranges[place][ranges[place].ordinals.lowerBound + offset - before])
        }
        return keys
    }
}
