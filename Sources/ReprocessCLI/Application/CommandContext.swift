internal import PartitionBackfill
internal import Transforms

/// Where the jobs of a program come from.
enum JobOrigin: Sendable {
    /// The `jobs` of a configuration file.
    case configuration
    /// Swift code; a configuration file may name the database and set up the engine.
    case code(@Sendable () throws -> [Job])
}

/// What a command knows of the process that it runs in.
struct CommandContext: Sendable {
    /// The name under which the program was called.
    let program: String
    let origin: JobOrigin
    let environment: [String: String]
    let workingDirectory: String
    var console: Console
    /// Where a person may answer.
    var input = TerminalInput(descriptor: 0)
    /// Rises with each signal that asks the process to end.
    let stop: StopSignal
}
