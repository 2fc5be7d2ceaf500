internal import Foundation
internal import ProgressStore

/// The file `.env` beside a configuration.
struct EnvironmentFile: Sendable {
    static let name = ".env"

    /// The file, as the user knows it.
    let shown: String
    private(set) var settings: [String: EnvironmentSetting]

    /// The variables by name.
    var values: [String: String] { settings.mapValues(\.value) }

    /// Those of them that libpq would look up in the environment of the process, where it cannot find them.
    var serverVariables: [String: String] { values.filter { LedgerOptions.serverVariables.contains($0.key) } }

    /// Reads the file of a folder; nil where there is none.
    ///
    /// A folder of that name is none: that is how some people call an environment of Python.
    ///
    /// - Throws: `ConfigurationError` with the line, and never with a value.
    static func read(in directory: String, workingDirectory: String) throws(ConfigurationError) -> EnvironmentFile? {
        let path = Path.absolute(name, in: directory)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
            return nil
        }
        let shown = Path.display(path, in: workingDirectory)
        do {
            return try EnvironmentFile(text: try ConfigurationFile.read(path), shown: shown)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError("The environment '\(shown)' cannot be used: \(ErrorText.sentence(for: error))")
        }
    }

    /// Takes a text apart, and refuses what could have no effect.
    init(text: String, shown: String) throws(ConfigurationError) {
        self.shown = shown
        settings = [:]
        for line in try EnvironmentFileParser.parse(text, file: shown) {
            func refuse(_ message: String) -> ConfigurationError {
                ConfigurationError(message, file: shown, at: SourcePosition(line: line.number, column: 1))
            }
            if let reason = Self.idle[line.name] { throw refuse("\(line.name) has no effect here: \(reason)") }
            if let earlier = settings[line.name] {
                throw refuse("\(line.name) is set already in line \(earlier.line): remove one of the two.")
            }
            settings[line.name] = EnvironmentSetting(value: line.value, line: line.number)
        }
    }

    /// What nobody would look for in the file, with the reason.
    private static let idle = [
        "REPROCESS_CONFIG": "the file is found beside the configuration. Export the variable, or type --config.",
        "PGSERVICEFILE": "libpq looks for it in the environment of the process alone. Export it.",
        "PGSYSCONFDIR": "libpq looks for it in the environment of the process alone. Export it.",
    ]

    /// The file without variables that are set elsewhere.
    func without(_ names: some Sequence<String>) -> EnvironmentFile {
        var rest = self
        for name in names { rest.settings[name] = nil }
        return rest
    }

    /// Where a variable stands: `.env:3`; nil where it does not.
    func place(of variable: String) -> String? { settings[variable].map { "\(shown):\($0.line)" } }
}

/// What a line of an environment file sets a variable to.
struct EnvironmentSetting: Sendable, Hashable {
    let value: String
    let line: Int
}
