internal import Glibc

/// Where a command's results and messages go.
///
/// Results are data and go to standard output; everything that is meant for people only goes to standard error.
struct Console: Sendable {
    let output: FileOutput
    let messages: FileOutput
    var outputStyle = Style.plain
    var messageStyle = Style.plain
    /// Only results and errors are printed.
    var isQuiet = false
    var isVerbose = false
    /// Tells what happens in JSON; nil where people read it.
    var log: EventLog?
    /// How paths are shown to people.
    var paths = MessagePaths.unchanged

    /// Writes a part of the result.
    func result(_ text: String) throws { try output.write(text) }

    /// Tells people something, unless they asked for quiet.
    func say(_ text: String) {
        if log != nil { return record(.info, message: text) }
        if !isQuiet { alert(text) }
    }

    /// Whether a person watches, so that something can be drawn over itself.
    var showsDisplay: Bool { messages.isTerminal && log == nil }

    /// Tells people something that they must know.
    func alert(_ text: String) {
        if log != nil { return record(.warning, message: text) }
        write(text)
    }

    /// Puts a sentence into the log, where there is one.
    func record(_ level: LogLevel, message: String) {
        if let line = log?.line(level, message: message) { write(line) }
    }

    /// Puts an event into the log, where there is one.
    func record(_ level: LogLevel, _ members: [String: JSONValue]) {
        if let line = log?.line(level, members) { write(line) }
    }

    private func write(_ text: String) {
        do {
            try messages.write(text)
            try messages.flush()
        } catch {
            // Standard error is closed: nobody is left who could be told, and the work must not fail for that.
        }
    }

    func error(_ text: String) {
        if log != nil { return record(.error, message: text) }
        alert(messageStyle.red("error: ") + paths.shortened(text) + (text.hasSuffix("\n") ? "" : "\n"))
    }
}
