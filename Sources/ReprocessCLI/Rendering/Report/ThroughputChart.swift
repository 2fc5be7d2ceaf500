internal import Foundation
internal import ProgressStore

/// The ends of attempts over the time of a run as a picture (SVG), a bar for each slice.
struct ThroughputChart {
    private static let (width, height) = (960, 180)
    private static let (left, bottom, top) = (48, 28, 16)

    let report: RunReport
    private var timeline: ReportTimeline { report.timeline }

    var svg: String {
        let parts = [title, grid, bars, marks, axis]
        return
            "<svg viewBox=\"0 0 \(Self.width) \(Self.height)\" role=\"img\" aria-labelledby=\"chart-title chart-text\">"
            + parts.joined() + "</svg>"
    }

    private var plotWidth: Double { Double(Self.width - Self.left - 8) }
    private var plotHeight: Double { Double(Self.height - Self.bottom - Self.top) }

    private var title: String {
        let sums = [timeline.complete, timeline.held, timeline.failed].map { $0.reduce(0, +) }
        let text =
            "\(NumberText.grouped(sums[0])) complete, \(NumberText.grouped(sums[1])) held and "
            + "\(NumberText.grouped(sums[2])) failed attempts in \(ReportTimeline.sliceCount) slices of "
            + "\(timeline.sliceText), at most \(NumberText.grouped(timeline.peak)) in one."
        return
            "<title id=\"chart-title\">Ends over time</title><desc id=\"chart-text\">\(HTMLText.escaped(text))</desc>"
    }

    private var grid: String {
        let y = Self.top
        let base = Self.height - Self.bottom
        return "<line class=\"grid\" x1=\"\(Self.left)\" y1=\"\(y)\" x2=\"\(Self.width - 8)\" y2=\"\(y)\"/>"
            + "<line class=\"axis\" x1=\"\(Self.left)\" y1=\"\(base)\" x2=\"\(Self.width - 8)\" y2=\"\(base)\"/>"
            + "<text x=\"\(Self.left - 6)\" y=\"\(y + 4)\" class=\"end\">\(NumberText.grouped(timeline.peak))</text>"
            + "<text x=\"\(Self.left - 6)\" y=\"\(base)\" class=\"end\">0</text>"
    }

    private var bars: String {
        (0..<ReportTimeline.sliceCount).map { place in
            let stack = [
                ("complete", timeline.complete[place]), ("held", timeline.held[place]),
                ("failed", timeline.failed[place]),
            ]
            var base = Double(Self.height - Self.bottom)
            return stack.filter { $0.1 > 0 }.map { kind, count in
                let size = max(1, plotHeight * Double(count) / Double(max(1, timeline.peak)))
                base -= size
                let slice = plotWidth / Double(ReportTimeline.sliceCount)
                let (x, y) = (number(x(of: Double(place))), number(base))
                return "<rect class=\"\(kind)\" x=\"\(x)\" y=\"\(y)\" width=\"\(number(slice - 1))\" "
                    + "height=\"\(number(size))\"/>"
            }.joined()
        }.joined()
    }

    /// When something was asked of the run.
    private var marks: String {
        report.events.prefix(ReportLimits.events).compactMap { event in
            guard timeline.place(of: event.askedAt) != nil else { return nil }
            let slices = event.askedAt.timeIntervalSince(timeline.start) / timeline.slice
            let x = number(x(of: slices))
            return
                "<line class=\"mark\" x1=\"\(x)\" y1=\"\(Self.top)\" x2=\"\(x)\" y2=\"\(Self.height - Self.bottom)\"/>"
        }.joined()
    }

    private var axis: String {
        let y = Self.height - 10
        return "<text x=\"\(Self.left)\" y=\"\(y)\">\(TimeText.describe(timeline.start))</text>"
            + "<text x=\"\(Self.width - 8)\" y=\"\(y)\" class=\"end\">\(TimeText.describe(timeline.end))</text>"
    }

    private func x(of slice: Double) -> Double {
        Double(Self.left) + plotWidth * slice / Double(ReportTimeline.sliceCount)
    }

    private func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
