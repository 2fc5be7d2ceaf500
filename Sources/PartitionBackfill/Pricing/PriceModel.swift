/// What past partitions tell about one that has no attempt of its own: so many seconds for each, and so many for each byte.
///
/// The line through the samples is that of Theil and Sen: its slope is the median of the slopes of all pairs, so that up to
/// a quarter of the samples may be far off without bending it.
struct PriceModel: Sendable, Hashable {
    /// A partition that was done: the size of its sources, where it is known, and the seconds that it took.
    struct Sample: Sendable, Hashable {
        var bytes: Int64?
        var seconds: Double
    }

    /// Samples that are compared with one another; more would cost much and tell little.
    private static let most = 256
    /// Sizes that differ by less than this factor say nothing of what other sizes take.
    private static let leastSpan = 1.5

    /// What a partition takes whatever its size.
    let floor: Double
    /// What each byte of its sources adds; nil where no sample tells.
    let perByte: Double?
    /// What half of the samples did not exceed, for partitions of unknown size.
    let median: Double

    /// The model of samples; nil without any.
    init?(_ samples: [Sample]) {
        guard let median = Self.median(samples.map(\.seconds)) else { return nil }
        self.median = median
        let all = samples.compactMap { sample in sample.bytes.map { (bytes: Double($0), seconds: sample.seconds) } }
        let sized = EvenSample.offsets(of: all.count, most: Self.most).map { all[$0] }
        let slopes = sized.indices.flatMap { one in
            sized[(one + 1)...].compactMap { other -> Double? in
                let bytes = other.bytes - sized[one].bytes
                return bytes == 0 ? nil : (other.seconds - sized[one].seconds) / bytes
            }
        }
        let sizes = sized.map(\.bytes)
        guard slopes.count > 1, sizes.max() ?? 0 >= Self.leastSpan * (sizes.min() ?? 0),
            let slope = Self.median(slopes), case let perByte = max(0, slope),
            let rest = Self.median(sized.map { $0.seconds - perByte * $0.bytes }), rest >= 0
        else {
            // Partitions of about one size, two at most, or a line that would begin below zero: time is taken to grow with size.
            floor = 0
            perByte = Self.median(sized.filter { $0.bytes > 0 }.map { $0.seconds / $0.bytes })
            return
        }
        floor = rest
        self.perByte = perByte
    }

    /// The seconds that a partition will probably take.
    func seconds(bytes: Int64?) -> Double {
        guard let bytes, let perByte else { return median }
        return floor + perByte * Double(bytes)
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
