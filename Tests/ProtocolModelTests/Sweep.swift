import Foundation
import Glibc
import ProtocolModel
import Synchronization

/// Many schedules, one seed after the other, on all processors.
struct Sweep {
    /// A schedule that broke an invariant.
    struct Counterexample {
        let seed: UInt64
        let invariant: Invariant
    }

    private(set) var counterexamples: [Counterexample] = []
    private(set) var tally = Tally()
    private(set) var schedules = 0
    private(set) var cutShort = 0

    /// Runs schedules until there have been so many, or enough counterexamples.
    static func run(
        from base: UInt64, count: Int, options: Simulation.Options, enough: Int = 5
    ) async -> Sweep {
        let found = Count()
        let shares = max(1, ProcessInfo.processInfo.activeProcessorCount)
        let parts = await withTaskGroup(of: Sweep.self) { group in
            for share in 0..<shares {
                group.addTask {
                    await onThread { part(share, of: shares, from: base, count: count, options, enough, found) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return parts.reduce(into: Sweep()) { $0.add($1) }
    }

    /// A schedule once more, with everything that happened in it.
    static func trace(of seed: UInt64, options: Simulation.Options) -> [String] {
        var simulation = Simulation(seed: seed, options: options, isTracing: true)
        _ = simulation.run()
        return simulation.trace
    }

    /// The counterexample that is told the fastest.
    func shortest(options: Simulation.Options) -> (counterexample: Counterexample, trace: [String])? {
        counterexamples.map { ($0, Sweep.trace(of: $0.seed, options: options)) }.min { $0.1.count < $1.1.count }
    }

    private static func part(
        _ share: Int, of shares: Int, from base: UInt64, count: Int, _ options: Simulation.Options, _ enough: Int,
        _ found: Count
    ) -> Sweep {
        var sweep = Sweep()
        var number = share
        while number < count, found.value < enough {
            sweep.note(base &+ UInt64(number), options, found)
            number += shares
        }
        return sweep
    }

    private mutating func note(_ seed: UInt64, _ options: Simulation.Options, _ found: Count) {
        let (ending, tally) = Simulation.run(seed: seed, options: options)
        schedules += 1
        self.tally.add(tally)
        switch ending {
        case .sound: break
        case .cutShort: cutShort += 1
        case .violated(let invariant):
            counterexamples.append(Counterexample(seed: seed, invariant: invariant))
            found.increment()
        }
    }

    private mutating func add(_ other: Sweep) {
        counterexamples += other.counterexamples
        tally.add(other.tally)
        schedules += other.schedules
        cutShort += other.cutShort
    }

    /// Runs a long computation beside the other tests, and behind them where processors are scarce.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                // On Linux this is the priority of the calling thread alone.
                _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
                continuation.resume(returning: body())
            }
        }
    }

    /// How many counterexamples all threads have found together.
    private final class Count: Sendable {
        private let number = Atomic(0)
        var value: Int { number.load(ordering: .relaxed) }
        func increment() { number.add(1, ordering: .relaxed) }
    }
}
