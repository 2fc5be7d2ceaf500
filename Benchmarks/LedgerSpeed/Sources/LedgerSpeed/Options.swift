internal import Partitions
internal import ProgressStore

/// The command line: `--workload pairs --database URL --connections 8 --batch 16 --count 1000 --first 0`.
struct Options {
    enum Workload: String {
        case pairs
        case heartbeats
        case claims
        case status
    }

    var workload = Workload.pairs
    var database = ""
    var connections = 1
    var batch = 1
    /// How often each connection does it.
    var count = 100
    /// The first partition to be claimed, so that runs on one ledger take different ones.
    var first = 0
    /// The number of partitions of the job.
    var partitions = 1_000_000

    init(_ arguments: some Sequence<String>) throws {
        var rest = Array(arguments)[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Mistake("\(name) needs a value") }
            switch name {
            case "--workload":
                guard let workload = Workload(rawValue: value) else { throw Mistake("no workload '\(value)'") }
                self.workload = workload
            case "--database": database = value
            case "--connections": connections = try Self.number(name, value)
            case "--batch": batch = try Self.number(name, value)
            case "--count": count = try Self.number(name, value)
            case "--first": first = try Self.number(name, value)
            case "--partitions": partitions = try Self.number(name, value)
            default: throw Mistake("no option '\(name)'")
            }
        }
    }

    /// A ledger of its own for each connection.
    func ledger(_ number: Int) async throws -> Ledger {
        try await Ledger.open(.server(conninfo: database), options: LedgerOptions(worker: "speed:\(number):w"))
    }

    /// A request for consecutive hours.
    func request(_ place: Int) -> ClaimRequest {
        let keys = (place..<(place + batch)).map { PartitionKey(granularity: .hour, ordinal: $0 % partitions) }
        return ClaimRequest(
            job: "orders", tableIdentity: "lake/orders", run: 1, transformVersion: "2", candidates: keys, limit: batch,
            planFence: .max, includesComplete: true, lease: .seconds(90))
    }

    private static func number(_ name: String, _ value: String) throws -> Int {
        guard let number = Int(value), number >= 0 else { throw Mistake("\(name) needs a number, not '\(value)'") }
        return number
    }
}

/// What makes a measurement worthless.
struct Mistake: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
