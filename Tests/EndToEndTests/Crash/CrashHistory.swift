import Foundation
import TestSupport
import Testing

/// What has been seen of a project so far, and what must hold of everything that is seen next.
struct CrashHistory {
    let crash: CrashProject
    private(set) var seen: [Snapshot] = []

    init(_ crash: CrashProject) { self.crash = crash }

    /// Looks while nobody works, and checks what must hold at any moment.
    @discardableResult
    mutating func look(_ location: SourceLocation = #_sourceLocation) async throws -> Snapshot {
        let now = try await Snapshot(of: crash)
        #expect(now.strays.isEmpty, sourceLocation: location)
        checkLedger(now, location)
        if let before = seen.last { check(now, after: before, location) }
        seen.append(now)
        return now
    }

    /// COMPLETE means that the table holds what the row says; RUNNING, that one attempt has not ended.
    private func checkLedger(_ now: Snapshot, _ location: SourceLocation) {
        var versions: [String: OrdersVersion] = [:]
        for row in now.rows.values {
            let open = now.running.filter { $0.key == row.key }.map(\.fence)
            #expect(open == (row.status == "RUNNING" ? [row.fence] : []), "\(row)", sourceLocation: location)
            guard row.status == "COMPLETE" else { continue }
            let partition = now.partitions[row.key]
            #expect(partition?.attempt == row.tableVersion, "\(row)", sourceLocation: location)
            guard let name = row.transformVersion, let version = partition?.version else {
                Issue.record("\(row) is without a version", sourceLocation: location)
                continue
            }
            #expect(versions[name, default: version] == version, "\(row)", sourceLocation: location)
            versions[name] = version
        }
    }

    /// No partition is gone, no fence sank, and no line of the history that was written to its end has changed.
    private func check(_ now: Snapshot, after before: Snapshot, _ location: SourceLocation) {
        for (key, partition) in before.partitions {
            let attempt = now.partitions[key]?.attempt ?? ""
            #expect(attempt >= partition.attempt, "\(key)", sourceLocation: location)
        }
        for (key, row) in before.rows {
            #expect((now.rows[key]?.fence ?? -1) >= row.fence, "\(key)", sourceLocation: location)
        }
        let kept = now.attempts.prefix(before.attempts.count)
        #expect(kept.map(\.name) == before.attempts.map(\.name), sourceLocation: location)
        for (attempt, earlier) in zip(kept, before.attempts) where earlier.outcome != "RUNNING" {
            #expect(attempt == earlier, sourceLocation: location)
        }
    }

    /// Checks the end: every partition has the version, made or adopted once, and nothing else is left.
    ///
    /// A survivor is a process that was looked at while it worked, and that has lost nothing.
    mutating func checkEnd(
        _ version: OrdersVersion, survivor: RunningProcess? = nil, _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let now = try await look(location)
        #expect(now.partitions.keys.sorted() == crash.keys, sourceLocation: location)
        #expect(now.partitions.values.allSatisfy { $0.version == version }, sourceLocation: location)
        #expect(now.rows.keys.sorted() == crash.keys, sourceLocation: location)
        #expect(now.rows.values.allSatisfy { $0.status == "COMPLETE" }, sourceLocation: location)
        #expect(Set(now.rows.values.map(\.transformVersion)).count == 1, sourceLocation: location)
        for key in crash.keys { checkAttempts(at: key, in: now, location) }
        for earlier in seen {
            for attempt in earlier.running where survivor.map({ attempt.isOf($0) }) != true {
                let outcome = now.attempts.first { $0.fence == attempt.fence }?.outcome
                #expect(outcome == "LOST", "\(attempt)", sourceLocation: location)
            }
            // What was published before, whoever died then, is what the table holds: it was not made again.
            for (key, partition) in earlier.partitions where partition.version == version {
                #expect(now.partitions[key] == partition, "\(key)", sourceLocation: location)
            }
        }
        switch crash.format {
        case .hive: try checkLeftovers(now, location)
        case .delta: try await checkDelta(now, version, location)
        }
    }

    private func checkAttempts(at key: String, in now: Snapshot, _ location: SourceLocation) {
        guard let row = now.rows[key], let partition = now.partitions[key] else { return }
        let attempts = now.attempts.filter { $0.key == key }
        let ours = attempts.filter { $0.transformVersion == row.transformVersion }
        let ends = ours.filter { ["COMPLETE", "ADOPTED"].contains($0.outcome) }
        #expect(ends.map(\.fence) == [row.fence], "\(ours)", sourceLocation: location)
        let others = Set(ours.map(\.outcome)).subtracting(["COMPLETE", "ADOPTED"])
        #expect(others.isSubset(of: ["LOST", "RELEASED", "FAILED"]), "\(ours)", sourceLocation: location)
        let maker = ours.first { $0.name == partition.attempt }
        #expect(maker?.outcome == (ends.first?.outcome == "ADOPTED" ? "LOST" : "COMPLETE"), sourceLocation: location)
        // Of each version one attempt at most was published, of this one exactly one.
        let publishers = attempts.filter { now.publishers[key, default: []].contains($0.name) }
        #expect(publishers.count == now.publishers[key]?.count, "\(key)", sourceLocation: location)
        #expect(
            Set(publishers.map(\.transformVersion)).count == publishers.count, "\(publishers)", sourceLocation: location
        )
        #expect(publishers.contains { $0.name == partition.attempt }, "\(key)", sourceLocation: location)
    }

    /// Beside the table are settled records, the empty folders that are fences, and one replaced generation for each
    /// publish but the first.
    private func checkLeftovers(_ now: Snapshot, _ location: SourceLocation) throws {
        let files = FileManager.default
        for key in crash.keys {
            for name in try files.contentsOfDirectory(atPath: "\(crash.sibling)/staging/\(key)") {
                let contents = try? files.contentsOfDirectory(atPath: "\(crash.sibling)/staging/\(key)/\(name)")
                let isFence = contents?.isEmpty == true && !name.contains(".")
                #expect(isFence || name.contains(".published-"), "\(key)/\(name)", sourceLocation: location)
            }
            let previous = "\(crash.sibling)/previous/\(key)"
            let replaced = files.fileExists(atPath: previous) ? try files.contentsOfDirectory(atPath: previous) : []
            #expect(replaced.count + 1 == now.publishers[key]?.count, "\(key): \(replaced)", sourceLocation: location)
            for name in replaced {
                let kept = try files.contentsOfDirectory(atPath: "\(previous)/\(name)")
                #expect(kept.count == 1, "\(key)/\(name): \(kept)", sourceLocation: location)
            }
        }
    }
}
