internal import Foundation
internal import ProgressStore

/// Asks the ledger for one thing again and again, and prints what it took as a line of JSON.
///
/// The ledger at `--database` has an hourly job `orders` of at least `--partitions` partitions.
@main
struct LedgerSpeed {
    static func main() async {
        do {
            let options = try Options(CommandLine.arguments.dropFirst())
            let measured =
                switch options.workload {
                case .pairs: try await Pairs(options: options).measure()
                case .heartbeats: try await Heartbeats(options: options).measure()
                case .claims: try await Waits(options: options).claims()
                case .status: try await Waits(options: options).status()
                }
            print(String(decoding: try JSONEncoder().encode(measured), as: UTF8.self))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }
}

/// What was measured.
struct Measured: Encodable {
    /// How often it was done, and in what time.
    var count = 0
    var seconds = 0.0
    /// How long each took, where that was asked for.
    var milliseconds: [Double] = []
}

/// Runs work and tells how many seconds it took.
func seconds(_ work: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await work()
    return start.duration(to: .now) / .seconds(1)
}
