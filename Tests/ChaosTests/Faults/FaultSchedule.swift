/// Which faults come, and how far apart: an endless sequence that follows from a seed alone.
///
/// The system under it is of course not deterministic: the same fault may find it elsewhere the next time.
struct FaultSchedule: Sequence, IteratorProtocol {
    /// A fault and the pause before it.
    struct Step: Hashable {
        var pause: Duration
        var fault: Fault
    }

    private var random: SplitMix64
    /// In milliseconds; long enough that work gets on between two faults.
    private let pauses = 150...1100
    /// In milliseconds: longer than the lease of every worker.
    private let silences: ClosedRange<Int>

    init(seed: UInt64, lease: Duration) {
        random = SplitMix64(seed: seed)
        let shortest = Int(lease / .milliseconds(1))
        silences = shortest * 5 / 4...shortest * 5 / 2
    }

    mutating func next() -> Step? {
        Step(pause: random.milliseconds(pauses), fault: nextFault())
    }

    private mutating func nextFault() -> Fault {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<25: .kill(worker: random.next())
        case ..<29: .terminate(worker: random.next())
        case ..<41: .stop(worker: random.next(), time: random.milliseconds(silences))
        case ..<51: .terminateBackends(nextSelection())
        case ..<55: .restartServer
        case ..<66: .cut(nextSelection(), resets: random.happens(oneIn: 2))
        case ..<70: .refuse(time: random.milliseconds(200...1500))
        case ..<77: .stall(nextSelection(), time: random.milliseconds(silences), cuts: random.happens(oneIn: 2))
        default: .swallowReply(RequestKind.allCases.randomElement(using: &random) ?? .claim)
        }
    }

    private mutating func nextSelection() -> Fault.Selection {
        random.happens(oneIn: 3) ? .all : .some(mask: random.next())
    }
}
