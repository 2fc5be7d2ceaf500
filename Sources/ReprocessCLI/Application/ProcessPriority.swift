internal import CLinux
internal import Foundation
internal import Glibc

/// How far this process stands back behind the others of the machine.
///
/// Linux keeps a priority for each thread: a new one has that of the thread that makes it, those that are there already
/// keep theirs. So every thread is lowered, until a look finds none that was not.
///
/// The threads of dispatch queues set their own priority when they begin, to that of their work. Who may not raise a priority
/// cannot undo ours so; from those who may, as root mostly may, that is taken away first. (Giving up the capability would be
/// less, but each thread of a process has its own, and those that are there already could not be told.)
struct ProcessPriority: Sendable, Hashable {
    /// From 0, which changes nothing, to 19, which takes what nobody else wants.
    static let bounds = 0...19

    let nice: Int

    /// Lowers every thread of this process.
    ///
    /// A process that was started with less priority keeps that: nobody may raise their own. Where the system does not let
    /// the class of disk access be changed, the processor's priority is lowered alone.
    ///
    /// - Throws: `Refusal` where the system does not allow it at all.
    func apply() throws {
        guard nice > 0 else { return }
        if try Self.mayRaise(), reprocess_never_raise(Int32(nice)) != 0 { throw refusal(errno) }
        var lowered: Set<Int32> = []
        while true {
            let found = try Self.threads().subtracting(lowered)
            guard !found.isEmpty else { return }
            for thread in found { try lower(thread) }
            lowered.formUnion(found)
        }
    }

    private func lower(_ thread: Int32) throws(Refusal) {
        let isIdle = nice == Self.bounds.upperBound
        guard reprocess_lower_thread(thread, Int32(nice), isIdle ? 1 : 0) != 0 else { return }
        throw refusal(errno)
    }

    private func refusal(_ code: Int32) -> Refusal {
        Refusal(
            "The priority of this process cannot be lowered by --nice \(nice): \(String(cString: strerror(code))). Leave "
                + "out --nice, REPROCESS_NICE and 'run.nice', and start it under nice(1).")
    }

    /// Whether the system lets this process raise priorities: CAP_SYS_NICE (capabilities(7)), which has the number 23.
    private static func mayRaise() throws -> Bool {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let set = line.split(whereSeparator: \.isWhitespace).last.flatMap({ UInt64($0, radix: 16) })
        else { return false }
        return set & (1 << 23) != 0
    }

    private static func threads() throws -> Set<Int32> {
        Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { Int32($0) })
    }
}
