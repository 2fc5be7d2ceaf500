internal import Foundation
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore

/// Makes a report of a run's attempts, one after the other.
struct RunReportBuilder {
    private static let slowestCount = 10

    private var report: RunReport
    /// The attempts at the partition that comes at the moment.
    private var current: [RunAttempt] = []
    private var seconds: [Double] = []
    private var parts: [String: RunReport.Part] = [:]
    private var ends: [(end: ReportTimeline.End, moment: Date)] = []
    private var firstVersion: (version: String, at: Date)?
    private var lastVersion: (version: String, at: Date)?
    private var sources: [String: ClosedRange<Int64>] = [:]

    init(_ run: RunRow, isLive: Bool, events: [ControlEvent], now: Date) {
        report = RunReport(
            run: run, isLive: isLive, now: now,
            timeline: ReportTimeline(from: run.startedAt, to: run.startedAt), events: events)
    }

    /// Takes an attempt; they come by partition, and by fence.
    mutating func add(_ attempt: RunAttempt) {
        if let last = current.last, last.key != attempt.key { closePartition() }
        current.append(attempt)
        noteCost(of: attempt)
        noteCourse(of: attempt)
    }

    /// The report, when there are no more attempts.
    mutating func finish() -> RunReport {
        closePartition()
        let last = report.run.endedAt ?? (report.isLive ? report.now : ends.map(\.moment).max())
        report.timeline = ReportTimeline(from: report.run.startedAt, to: last ?? report.now)
        for (end, moment) in ends { report.timeline.count(end, at: moment) }
        report.durations = DurationSpread(seconds)
        report.workers = parts.values.sorted { ($1.attempts, $0.worker) < ($0.attempts, $1.worker) }
        if let firstVersion, let lastVersion {
            report.tableVersions = .init(first: firstVersion.version, last: lastVersion.version)
        }
        report.sourceVersions = sources.mapValues { .init(first: "\($0.lowerBound)", last: "\($0.upperBound)") }
        return report
    }

    /// What became of a partition is what its newest attempt that came to a result made of it.
    private mutating func closePartition() {
        defer { current = [] }
        let last = current.last { JudgedState.results.contains($0.outcome) }
        for attempt in current where ["FAILED", "RETRY"].contains(attempt.outcome) {
            let isFinal = attempt.outcome == "FAILED" && attempt.fence == last?.fence
            report.failures.add(attempt.errorMessage ?? "No message.", on: attempt.key, isFinal: isFinal)
        }
        guard let last else { return }
        let state = JudgedState(last)
        report.keys[state, default: []].append(last.key)
        switch state {
        case .failed: report.failed.append(.init(key: last.key, reason: last.errorMessage))
        case .held: report.held.append(.init(key: last.key, reason: last.errorMessage))
        case .changed, .new: noteTotals(of: last)
        case .unchanged, .dropped: break
        }
    }

    private mutating func noteTotals(of attempt: RunAttempt) {
        report.totals.newRows += attempt.rowsWritten ?? 0
        report.totals.newBytes += attempt.bytesWritten ?? 0
        report.totals.oldRows += attempt.replacedRows ?? 0
        report.totals.oldBytes += attempt.replacedBytes ?? 0
        if attempt.hasReplaced, attempt.replacedRows == nil { report.totals.uncounted += 1 }
    }

    private mutating func noteCost(of attempt: RunAttempt) {
        report.cost.attempts += 1
        if attempt.outcome == "RELEASED" { report.cost.released += 1 }
        if attempt.outcome == "LOST" { report.cost.lost += 1 }
        report.cost.bytesRead = RunReportBuilder.sum(report.cost.bytesRead, attempt.cost.bytesRead)
        report.cost.rowsRead = RunReportBuilder.sum(report.cost.rowsRead, attempt.cost.rowsRead)
        report.cost.engineSeconds = RunReportBuilder.sum(report.cost.engineSeconds, attempt.cost.engineSeconds)
        if attempt.cost.engineSeconds == nil { report.cost.unmeasured += 1 }
        if attempt.cost.engineSeconds != nil, attempt.cost.rowsRead == nil { report.cost.uncountedSources += 1 }
        var part = parts[attempt.worker] ?? .init(worker: attempt.worker, host: attempt.host)
        part.attempts += 1
        part.engineSeconds = RunReportBuilder.sum(part.engineSeconds, attempt.cost.engineSeconds)
        switch attempt.outcome {
        case "COMPLETE", "ADOPTED":
            part.complete += 1
            part.rows += attempt.wasUnchanged ? 0 : attempt.rowsWritten ?? 0
        case "FAILED", "RETRY": part.failed += 1
        default: break
        }
        parts[attempt.worker] = part
    }

    private mutating func noteCourse(of attempt: RunAttempt) {
        for (source, version) in attempt.sourceVersions {
            let known = sources[source] ?? version...version
            sources[source] = min(known.lowerBound, version)...max(known.upperBound, version)
        }
        guard let endedAt = attempt.endedAt else {
            report.running += 1
            return
        }
        if let end = ReportTimeline.End(attempt.outcome) { ends.append((end, endedAt)) }
        if let version = attempt.tableVersion, !attempt.wasUnchanged {
            if endedAt < firstVersion?.at ?? .distantFuture { firstVersion = (version, endedAt) }
            if endedAt >= lastVersion?.at ?? .distantPast { lastVersion = (version, endedAt) }
        }
        // How long somebody takes to approve says nothing about the run.
        guard attempt.kind == .run, JudgedState.results.contains(attempt.outcome), attempt.outcome != "ADOPTED" else {
            return
        }
        let duration = max(0, endedAt.timeIntervalSince(attempt.startedAt))
        seconds.append(duration)
        noteSlow(
            SlowAttempt(
                key: attempt.key, seconds: duration, outcome: attempt.outcome, rows: attempt.rowsWritten,
                worker: attempt.worker))
    }

    private mutating func noteSlow(_ attempt: SlowAttempt) {
        let place = report.slowest.firstIndex { $0.seconds < attempt.seconds } ?? report.slowest.count
        guard place < Self.slowestCount else { return }
        report.slowest.insert(attempt, at: place)
        if report.slowest.count > Self.slowestCount { report.slowest.removeLast() }
    }

    private static func sum<Number: AdditiveArithmetic>(_ sum: Number?, _ number: Number?) -> Number? {
        number.map { (sum ?? .zero) + $0 } ?? sum
    }
}

extension ReportTimeline.End {
    fileprivate init?(_ outcome: String) {
        switch outcome {
        case "COMPLETE", "ADOPTED": self = .complete
        case "HELD": self = .held
        case "FAILED", "RETRY": self = .failed
        default: return nil
        }
    }
}

extension JudgedState {
    /// The ends of an attempt that are a result.
    static let results: Set<String> = ["COMPLETE", "ADOPTED", "HELD", "FAILED"]

    init(_ attempt: RunAttempt) {
        self.init(
            outcome: attempt.outcome == "HELD" && !attempt.waits ? Judged.dropped : attempt.outcome,
            wasUnchanged: attempt.wasUnchanged, hasReplaced: attempt.hasReplaced)
    }
}
