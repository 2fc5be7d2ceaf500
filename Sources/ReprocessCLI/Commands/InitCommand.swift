internal import Foundation

/// `init`: a starter project that runs.
enum InitCommand {
    static let command = Command(
        name: "init",
        summary: "Write a starter configuration, a transform and a week of small data, which run as they are.",
        discussion: """
            Makes reprocess.yaml, transforms/daily_orders.sql and data/bronze/orders/*.csv in a folder, by default this \
            one. Nothing that is there is overwritten.
            """,
        positionals: [.init(name: "FOLDER", summary: "Where to write; made where it is missing.")],
        options: [],
        examples: [
            .init(purpose: "Try it in a folder of its own", arguments: "init try-reprocess")
        ],
        readsProject: { _ in false }
    ) { arguments, context in
        let folder = Path.absolute(arguments.positional("FOLDER") ?? ".", in: context.workingDirectory)
        let files = StarterProject.files
        try refuseExisting(files, in: folder, context)
        for file in files { try write(file, in: folder) }
        let shown = Path.display(folder, in: context.workingDirectory)
        try print(files, folder, shown, arguments, context)
        return .complete
    }

    private static func refuseExisting(
        _ files: [StarterProject.File], in folder: String, _ context: CommandContext
    ) throws(ConfigurationError) {
        for file in files {
            let path = Path.absolute(file.path, in: folder)
            guard !FileManager.default.fileExists(atPath: path) else {
                let shown = Path.display(path, in: context.workingDirectory)
                throw ConfigurationError(
                    "'\(shown)' is there already, and nothing is overwritten. Name another folder: '\(context.program) init FOLDER'."
                )
            }
        }
    }

    private static func write(_ file: StarterProject.File, in folder: String) throws(ConfigurationError) {
        let path = Path.absolute(file.path, in: folder)
        do {
            try FileManager.default.createDirectory(
                atPath: Path.parent(of: path), withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: URL(filePath: path), options: .withoutOverwriting)
        } catch {
            throw ConfigurationError("'\(path)' cannot be written: \(ErrorText.sentence(for: error))")
        }
    }

    private static func print(
        _ files: [StarterProject.File], _ folder: String, _ shown: String, _ arguments: Arguments,
        _ context: CommandContext
    ) throws {
        if arguments.has("json") {
            let paths = files.map { JSONValue.text(Path.absolute($0.path, in: folder)) }
            return try context.console.result(JSONValue.object(["created": .array(paths)]).text + "\n")
        }
        let change = folder == context.workingDirectory ? "" : "cd \(ShellQuoting.quote(shown)) && "
        context.console.say(
            """
            Made \(ConfigurationFile.name), \(StarterProject.transformPath) and \(files.count - 2) files in \
            \(StarterProject.dataFolder).
            Now:  \(change)\(context.program) run --from \(StarterProject.firstDay) --to \(StarterProject.lastDay)

            """)
    }
}
