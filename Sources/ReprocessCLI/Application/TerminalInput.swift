internal import BlockingWork
internal import Glibc
internal import PartitionBackfill

/// Where a person at a terminal answers.
struct TerminalInput: Sendable {
    let descriptor: Int32

    /// Tells whether a person could answer.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Reads a line; nil where the input ends or a stop is asked for before it is there.
    func line(unless stop: StopSignal) async -> String? {
        await BlockingThread(label: "reprocess.terminal").run { read(unless: stop) }
    }

    /// Terminals deliver whole lines (termios(3), canonical mode); what is longer than the buffer is no answer to yes or
    /// no.
    private func read(unless stop: StopSignal) -> String? {
        var buffer = [UInt8](repeating: 0, count: 1024)
        while stop.level == .none {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // A signal may come just before the call, which then would not see it: hence the limit.
            guard poll(&request, 1, 100) > 0 else { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 { return String(decoding: buffer[..<count], as: UTF8.self) }
            if count == 0 || errno != EINTR { return nil }
        }
        return nil
    }
}

/// A question that is answered by yes or no, at a terminal.
struct Question {
    let input: TerminalInput
    let console: Console
    let stop: StopSignal

    /// Whether there is somebody to ask: who reads what is asked and can answer it.
    var canBeAsked: Bool { input.isTerminal && console.messages.isTerminal }

    /// Asks; anything but `y` and `yes` is no.
    func ask(_ text: String) async -> Bool {
        console.alert("\(text) [y/N] ")
        let answer = await input.line(unless: stop)
        if answer == nil { console.alert("\n") }
        return ["y", "yes"].contains(answer?.filter { !$0.isWhitespace }.lowercased())
    }
}
