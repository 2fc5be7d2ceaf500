internal import Foundation
internal import Partitions

/// Asks something of runs.
struct Steer: Statement {
    static let source = PackageResources.steer_sql
    let request: SteerRequest
    let requestID: UUID

    var parameters: [String?] {
        [
            request.job, request.run.map { "\($0)" }, request.control?.rawValue,
            request.settings.isEmpty ? nil : SettingsText.json(request.settings),
            ErrorText.cleaned(request.user, limit: 200), request.reason.map { ErrorText.cleaned($0, limit: 2000) },
            requestID.uuidString,
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> SteeredRun {
        SteeredRun(
            run: try row.requiredInteger(0), worker: try row.requiredText(1), before: try row.control(2),
            isLive: row.flag(3), obeys: row.flag(4))
    }
}

/// Reads what is asked of a run.
struct SteeringOfRun: Statement {
    static let source = PackageResources.steering_sql
    static let isInterruptible = true
    let run: Int64

    var parameters: [String?] { ["\(run)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> RunSteering {
        RunSteering(
            control: try row.control(0), settings: SettingsText.read(row.text(1)), now: try row.requiredDate(2),
            askedBy: row.text(3), reason: row.text(4), isBreaker: row.flag(5), setBy: row.text(6))
    }
}

/// Reads which runs of a job are at work.
struct LiveRuns: Statement {
    static let source = PackageResources.live_runs_sql
    static let isInterruptible = true
    let job: String

    var parameters: [String?] { [job] }

    static func row(_ row: RowReader) throws(LedgerError) -> LiveRun {
        LiveRun(
            id: try row.requiredInteger(0), worker: try row.requiredText(1), control: try row.control(2),
            settings: SettingsText.read(row.text(3)), firstKey: row.text(4) == nil ? nil : try row.key(4),
            lastKey: row.text(5) == nil ? nil : try row.key(5), startedAt: try row.requiredDate(6),
            askedBy: row.text(7),
            askedAt: try row.date(8), reason: row.text(9))
    }
}

/// Reads everything that was asked of a run.
struct ControlEvents: Statement {
    static let source = PackageResources.control_events_sql
    static let isInterruptible = true
    let run: Int64

    var parameters: [String?] { ["\(run)"] }

    static func row(_ row: RowReader) throws(LedgerError) -> ControlEvent {
        ControlEvent(
            control: row.text(0) == nil ? nil : try row.control(0), settings: SettingsText.read(row.text(1)),
            isBreaker: row.flag(2), askedBy: try row.requiredText(3), databaseUser: try row.requiredText(4),
            askedAt: try row.requiredDate(5), reason: row.text(6))
    }
}

/// Pauses a run and those that do the same work beside it.
struct TripBreaker: Statement {
    static let source = PackageResources.trip_breaker_sql
    let run: Int64
    let reason: String
    let requestID: UUID

    var parameters: [String?] { ["\(run)", ErrorText.cleaned(reason, limit: 2000), requestID.uuidString] }

    static func row(_ row: RowReader) throws(LedgerError) -> Int64 { try row.requiredInteger(0) }
}

/// Makes CANCELLED what nobody has begun of a cancelled run.
struct CancelRest: Statement {
    static let source = PackageResources.cancel_rest_sql
    let job: String
    let run: Int64
    let planned: PartitionSet
    let reason: String

    var parameters: [String?] {
        [
            job, "\(run)", ArrayText.texts(planned.ranges.map { $0.first?.description }),
            ArrayText.texts(planned.ranges.map { $0.last?.description }), ErrorText.cleaned(reason),
        ]
    }

    static func row(_ row: RowReader) throws(LedgerError) -> PartitionKey { try row.key(0) }
}

/// Claims within limits that all processes share.
struct ClaimWithin: Statement {
    static let source = PackageResources.claim_within_sql
    let claim: ClaimStatement
    let limits: ClaimLimits

    var parameters: [String?] {
        claim.parameters + [limits.maxRunning.map { "\($0)" }, limits.timeApart.map { "\($0.seconds)" }]
    }

    /// A claim; or how many were admitted, and the seconds until the next one.
    enum Row: Sendable {
        case claim(Claim)
        case admitted(Int, nextIn: Double?)
    }

    static func row(_ row: RowReader) throws(LedgerError) -> Row {
        guard row.text(0) == nil else { return .claim(try Claim(row)) }
        return .admitted(Int(try row.requiredInteger(10)), nextIn: try row.seconds(11))
    }
}

/// Settings as the ledger stores them: one flat object of texts.
enum SettingsText {
    static func json(_ settings: [String: String]) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // A dictionary of texts is always JSON.
        guard let data = try? encoder.encode(settings.mapValues { ErrorText.cleaned($0, limit: 200) }) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// What is no text was not written by this program, and says nothing to it.
    static func read(_ json: String?) -> [String: String] {
        guard let json, let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
            return [:]
        }
        return object.compactMapValues { $0 as? String }
    }
}

extension RowReader {
    /// What is asked of a run.
    func control(_ column: Int32) throws(LedgerError) -> RunControl {
        let text = try requiredText(column)
        guard let control = RunControl(rawValue: text) else {
            throw LedgerError(
                .malformed,
                "The ledger asks for '\(ErrorText.cleaned(text, limit: 100))' of the run, which this program does not "
                    + "understand. Upgrade reprocess on this machine.")
        }
        return control
    }
}
