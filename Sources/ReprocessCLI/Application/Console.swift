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
    /// How paths are shown to people.
    var paths = MessagePaths.unchanged

    /// Writes a part of the result.
    func result(_ text: String) throws { try output.write(text) }

    /// Tells people something, unless they asked for quiet.
    func say(_ text: String) {
        if !isQuiet { alert(text) }
    }

    /// Tells people something that they must know.
    func alert(_ text: String) {
        do {
            try messages.write(text)
            try messages.flush()
        } catch {
            // Standard error is closed: nobody is left who could be told, and the work must not fail for that.
        }
    }

    func error(_ text: String) {
        alert(messageStyle.red("error: ") + paths.shortened(text) + (text.hasSuffix("\n") ? "" : "\n"))
    }
}
