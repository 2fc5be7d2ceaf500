internal import Foundation

/// How many attempts came to an end in each slice of a run's time.
struct ReportTimeline: Sendable, Hashable {
    /// How an attempt ended.
    enum End: Sendable, Hashable, CaseIterable {
        case complete, held, failed
    }

    /// The number of slices.
    static let sliceCount = 60

    let start: Date
    let end: Date
    /// The ends in each slice; as many as there are slices.
    private(set) var complete = [Int](repeating: 0, count: sliceCount)
    private(set) var held = [Int](repeating: 0, count: sliceCount)
    private(set) var failed = [Int](repeating: 0, count: sliceCount)

    init(from start: Date, to end: Date) {
        self.start = start
        self.end = max(end, start.addingTimeInterval(0.001))
    }

    /// The length of a slice in seconds.
    var slice: Double { end.timeIntervalSince(start) / Double(Self.sliceCount) }

    /// Counts an end; one after the run, as when somebody approves later, is no part of its course.
    mutating func count(_ end: End, at moment: Date) {
        guard let place = place(of: moment) else { return }
        switch end {
        case .complete: complete[place] += 1
        case .held: held[place] += 1
        case .failed: failed[place] += 1
        }
    }

    /// The slice of a moment; nil where it lies outside.
    func place(of moment: Date) -> Int? {
        guard moment >= start, moment <= end else { return nil }
        return min(Self.sliceCount - 1, Int(moment.timeIntervalSince(start) / slice))
    }

    func ends(in place: Int) -> Int { complete[place] + held[place] + failed[place] }

    /// The most that came to an end in a slice.
    var peak: Int { (0..<Self.sliceCount).map { ends(in: $0) }.max() ?? 0 }

    /// A character for each slice, the higher the more came to an end; a space for none.
    var sparkline: String {
        let bars = Array("▁▂▃▄▅▆▇█")
        let peak = peak
        return (0..<Self.sliceCount).map { place in
            let ends = ends(in: place)
            return ends == 0 ? " " : String(bars[min(bars.count - 1, (ends * bars.count - 1) / peak)])
        }.joined()
    }

    /// The slice as people read it.
    var sliceText: String { DurationText.describe(.milliseconds(Int64((slice * 1000).rounded(.up)))) }
}
