internal import Foundation
internal import PartitionBackfill
public import Transforms

/// A program with jobs written in Swift, and the command line of `reprocess`.
///
/// ```swift
/// @main
/// struct Orders: BackfillApplication {
///     static let jobs = [Job("orders_usd", …) { partition in … }]
/// }
/// ```
///
/// A file `reprocess.yaml` may stand beside it and set `database`, `schema` and `engine`; its jobs are those of the code.
public protocol BackfillApplication: SendableMetatype {
    /// The jobs of the program.
    static var jobs: [Job] { get throws }
}

extension BackfillApplication {
    // `@main` takes a plain `async` function only; without `@concurrent` it would be a nonisolated(nonsending) one.
    /// Runs the command line of this process, and ends the process.
    @concurrent public static func main() async {
        await ReprocessProgram.main(.code { try jobs })
    }
}

/// The program `reprocess`, whose jobs come from a configuration file.
public enum ReprocessProgram {
    /// Runs the command line of this process, and ends the process.
    public static func main() async {
        await main(.configuration)
    }

    static func main(_ origin: JobOrigin) async {
        let stop = StopSignal()
        let messages = FileOutput(descriptor: 2)
        let signals = SignalWatcher(stop: stop) { Terminal.restoreCursor(on: messages) }
        let words = CommandLine.arguments
        let program = CommandLineProgram(
            program: words.first.map(Path.name) ?? "reprocess", origin: origin,
            environment: ProcessInfo.processInfo.environment,
            workingDirectory: FileManager.default.currentDirectoryPath,
            output: FileOutput(descriptor: 1), messages: messages)
        let code = await program.run(Array(words.dropFirst()), stop: stop) { signals.exitCode }
        exit(code.rawValue)
    }
}
