/// The command lines that show what is held, and decide about it.
struct DecisionCommands: Sendable, Hashable {
    let diff: String
    let approve: String
    let reject: String

    /// In the order in which they are given.
    var lines: [String] { [diff, approve, reject] }

    /// The lines for programs, each by its command's name.
    var json: JSONValue {
        .object(["diff": .text(diff), "approve": .text(approve), "reject": .text(reject)])
    }
}
