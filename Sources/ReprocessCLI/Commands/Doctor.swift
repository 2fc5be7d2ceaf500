internal import BlockingWork
internal import Foundation
internal import Lakehouse
internal import PartitionBackfill
internal import Partitions
internal import ProgressStore
internal import Transforms

/// Examines the parts that a run needs, each on its own, so that one that is bad hides no other.
struct Doctor: Sendable {
    let project: Project
    let arguments: Arguments
    let context: CommandContext

    /// Examines engine, ledger and jobs.
    func examine(_ jobs: [Job]) async throws -> [Finding] {
        // A bad range is the user's mistake, and is told before anything is opened.
        let ranges = try jobs.map { try RequestBuilder(arguments: arguments, job: $0).range() }
        let (engine, engineFinding) = await examineEngine()
        var findings: [Finding?] = [engineFinding, await examineLedger()]
        // Looking for files and probing file systems may wait for a disk.
        let files = BlockingThread(label: "reprocess.doctor")
        for (job, range) in zip(jobs, ranges) {
            findings.append(await transform(of: job, engine))
            findings.append(await audits(of: job, engine))
            findings += await files.run {
                sources(of: job, in: range) + [target(of: job), room(of: job)]
            }
        }
        return findings.compactMap { $0 }
    }

    private func examineEngine() async -> ((any Engine)?, Finding) {
        do {
            let engine = DuckDBSQLEngine(options: project.engine.options())
            try await engine.withSession { _ in }
            return (engine, Finding(subject: "engine", outcome: .good(engine.name)))
        } catch {
            return (nil, Finding(subject: "engine", outcome: .bad(ErrorText.sentence(for: error))))
        }
    }

    private func examineLedger() async -> Finding {
        do {
            let place = LedgerChoice.describe(project.ledger, schema: project.schema, environment: context.environment)
            if let lack = try await project.withLedger(LackOfRights.examine) {
                return Finding(subject: "ledger", outcome: .bad("\(place): \(lack)"))
            }
            return Finding(subject: "ledger", outcome: .good(place))
        } catch {
            return Finding(subject: "ledger", outcome: .bad(ErrorText.sentence(for: error)))
        }
    }

    private func transform(of job: Job, _ engine: (any Engine)?) async -> Finding? {
        guard case .sql(let query) = job.transform else { return nil }
        let subject = "\(job.name): transform"
        guard let engine else { return Finding(subject: subject, outcome: .skipped("not checked without the engine")) }
        do {
            try await TransformCheck.check([query], engine)
            let file = query.file.map { Path.display($0, in: context.workingDirectory) } ?? "in Swift"
            return Finding(subject: subject, outcome: .good("\(file), version \(job.version)"))
        } catch {
            return Finding(subject: subject, outcome: .bad(ErrorText.sentence(for: error)))
        }
    }

    /// Whether the SQL of audits can be parsed; which columns there are is known when there is data.
    private func audits(of job: Job, _ engine: (any Engine)?) async -> Finding? {
        guard !job.audits.isEmpty else { return nil }
        let subject = "\(job.name): audits"
        guard let engine else { return Finding(subject: subject, outcome: .skipped("not checked without the engine")) }
        do {
            try await TransformCheck.check(job.auditQueries, engine)
            return Finding(subject: subject, outcome: .good(NumberText.counted(job.audits.count, "audit")))
        } catch {
            return Finding(subject: subject, outcome: .bad(ErrorText.sentence(for: error)))
        }
    }

    /// The source files of the first and the last partition of the range.
    private func sources(of job: Job, in range: PartitionRange?) -> [Finding?] {
        guard case .sql(let query) = job.transform, !query.sources.isEmpty else { return [] }
        let subject = "\(job.name): sources"
        guard let range, let first = range.first, let last = range.last else {
            return [Finding(subject: subject, outcome: .skipped("give --from and --to to have their files looked for"))]
        }
        return Set([first, last]).sorted().map { key in
            Finding(
                subject: subject, outcome: SourceFiles.examine(query.sources, of: key, column: job.partitioning.column))
        }
    }

    private func target(of job: Job) -> Finding? {
        guard let target = job.target else { return nil }
        let subject = "\(job.name): target"
        do {
            try job.openTable()?.check()
            return Finding(subject: subject, outcome: .good(Path.display(target.path, in: context.workingDirectory)))
        } catch {
            return Finding(subject: subject, outcome: .bad(ErrorText.sentence(for: error)))
        }
    }

    private func room(of job: Job) -> Finding? {
        guard let target = job.target else { return nil }
        let path = Path.absolute(target.path, in: context.workingDirectory)
        return Finding(subject: "\(job.name): disk", outcome: DiskSpace.examine(path))
    }
}
