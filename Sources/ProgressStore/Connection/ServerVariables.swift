internal import CLibPQ

/// The environment variables that stand for parameters of a connection (PostgreSQL docs, "Environment Variables").
enum ServerVariables {
    /// The parameter that each of them stands for, as the libpq of this process has them.
    static let keywords: [String: String] = {
        guard let options = PQconninfoParse("", nil) else { return [:] }
        defer { PQconninfoFree(options) }
        var keywords: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let variable = option.pointee.envvar { keywords[String(cString: variable)] = String(cString: keyword) }
            option += 1
        }
        return keywords
    }()

    /// Variables as parameters, in the order of their names; empty ones count as not set, as libpq has it.
    static func parameters(_ variables: [String: String]) -> [(keyword: String, value: String)] {
        variables.sorted { $0.key < $1.key }.compactMap { variable, value in
            guard !value.isEmpty, let keyword = keywords[variable] else { return nil }
            return (keyword, value)
        }
    }
}

extension LedgerOptions {
    /// The names of the variables that `variables` may set.
    public static var serverVariables: Set<String> { Set(ServerVariables.keywords.keys) }
}
