/// Shortens the paths in messages: below the working directory, as a person there would name them.
///
/// What is stored and what programs read keeps whole paths, which mean the same in every folder.
struct MessagePaths: Sendable {
    /// Leaves all paths as they are.
    static let unchanged = MessagePaths(workingDirectory: "/")

    private let prefix: String?

    init(workingDirectory: String) {
        prefix = workingDirectory == "/" ? nil : workingDirectory + "/"
    }

    /// The text without the working directory wherever a path begins with it.
    func shortened(_ text: String) -> String {
        guard let prefix else { return text }
        var result = ""
        var rest = text[...]
        while let place = rest.firstRange(of: prefix) {
            result += rest[..<place.lowerBound]
            // In the middle of a path it is another folder of that name.
            if let before = result.last, before.isLetter || before.isNumber || "/._-~".contains(before) {
                result += rest[place]
            }
            rest = rest[place.upperBound...]
        }
        return result + rest
    }
}
