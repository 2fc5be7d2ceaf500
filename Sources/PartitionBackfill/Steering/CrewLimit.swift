/// How many workers a process may have, where memory does not suffice for as many as were asked for.
///
/// Half as many after each time that memory ran out, down to one; twice as many again after a while without.
struct CrewLimit: Sendable {
    /// Partitions to be done before more are tried at the same time again.
    static let recovery = 16

    private(set) var asked: Int
    private var bound: Int?
    private var doneSince = 0

    init(asked: Int) {
        self.asked = asked
    }

    /// The number of workers at the moment.
    var current: Int { min(asked, bound ?? asked) }

    /// The user wants another number of workers.
    mutating func ask(for count: Int) { asked = max(1, count) }

    /// Memory ran out in an attempt that began when so many workers were at work.
    ///
    /// - Returns: Whether fewer are at work now than there were then, so that another try is worth it.
    mutating func memoryRanOut(with crew: Int) -> Bool {
        guard crew > 1 else { return false }
        bound = min(current, crew / 2)
        doneSince = 0
        return true
    }

    /// A partition was done.
    ///
    /// - Returns: Whether that brings more workers.
    mutating func done() -> Bool {
        guard let bound else { return false }
        doneSince += 1
        guard doneSince >= CrewLimit.recovery else { return false }
        doneSince = 0
        self.bound = bound * 2 >= asked ? nil : bound * 2
        return true
    }
}
