/// The variables that hold for one command, and which of them come from the file beside the configuration.
struct ProgramEnvironment: Sendable {
    /// All variables by name.
    let values: [String: String]
    /// The file, without what the environment of the process says otherwise; nil where there is none.
    var file: EnvironmentFile?

    /// The environment of a process together with a file, whose variables count where the process has none.
    static func merging(_ process: [String: String], _ file: EnvironmentFile) -> ProgramEnvironment {
        let rest = file.without(process.keys)
        return ProgramEnvironment(values: process.merging(rest.values) { own, _ in own }, file: rest)
    }

    /// Where a variable is set, for people: its name alone where that is the process.
    func origin(of variable: String) -> String {
        file?.place(of: variable).map { "\(variable) (\($0))" } ?? variable
    }
}
