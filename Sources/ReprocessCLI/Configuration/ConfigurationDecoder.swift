/// Turns a YAML text into a configuration, strictly: what it does not know is an error.
struct ConfigurationDecoder: Sendable {
    /// The absolute path of the file.
    let file: String
    let environment: [String: String]
    /// The database is given elsewhere, so that the file's may name a variable that is not set.
    var ignoresDatabase = false
    /// Whether jobs are defined in Swift and must not stand in the file.
    var jobsAreCode = false

    /// Decodes the text of the file.
    ///
    /// - Throws: `ConfigurationError` with line and column.
    func decode(_ text: String) throws(ConfigurationError) -> Configuration {
        guard let root = try YAMLParser.parse(text), !root.isNull else {
            throw ConfigurationError("The file is empty. 'reprocess init' writes one to start from.")
        }
        var reader = try MappingReader(root, place: "the configuration", environment: environment)
        var configuration = Configuration(file: file)
        configuration.database = try database(&reader)
        configuration.schema = try reader.text("schema")
        configuration.engine = try engine(&reader)
        configuration.jobs = try jobs(&reader)
        try reader.finish()
        return configuration
    }

    private func database(_ reader: inout MappingReader) throws(ConfigurationError) -> String? {
        guard !ignoresDatabase else {
            _ = reader.optional("database")
            return nil
        }
        let text = try reader.text("database")
        return text?.isEmpty == true ? nil : text
    }

    private func engine(_ reader: inout MappingReader) throws(ConfigurationError) -> EngineSettings {
        guard var engine = try reader.mapping("engine", place: "engine") else { return EngineSettings() }
        var settings = EngineSettings()
        settings.memoryLimit = try engine.value("memory_limit") { value throws(ConfigurationError) in
            try value.byteCount()
        }
        settings.threads = try engine.value("threads") { value throws(ConfigurationError) in
            try value.integer(in: 1...1024)
        }
        settings.temporaryDirectory = try engine.text("temporary_directory").map(absolute)
        try engine.finish()
        return settings
    }

    private func jobs(_ reader: inout MappingReader) throws(ConfigurationError) -> [JobConfiguration] {
        if jobsAreCode {
            if let position = reader.isWritten("jobs") {
                throw ConfigurationError(
                    "The jobs of this program are written in Swift: remove 'jobs' from its configuration.", at: position
                )
            }
            return []
        }
        let node = try reader.required("jobs")
        let jobs = try MappingReader(node, place: "'jobs'", environment: environment)
        guard !jobs.names.isEmpty else {
            throw ConfigurationError(
                "'jobs' has no job. Add one; 'reprocess init' in an empty folder shows how it looks.", at: node.position
            )
        }
        var result: [JobConfiguration] = []
        var rest = jobs
        for name in jobs.names {
            let place = "the job '\(name)'"
            let position = rest.isWritten(name)
            guard JobNameRule.allows(name) else {
                throw ConfigurationError(JobNameRule.explanation(name), at: position)
            }
            guard let job = try rest.mapping(name, place: place) else {
                throw ConfigurationError(
                    "\(place.capitalizedFirst) is empty: it needs 'partition', 'target' and 'transform'.", at: position)
            }
            result.append(try decode(job, name: name))
        }
        return result
    }

    /// A path of the file, which is relative to the folder that the file is in.
    func absolute(_ path: String) -> String { Path.absolute(path, in: Path.parent(of: file)) }
}

/// Which names a job may have: those that need no quotes on a command line and no escapes in a file name.
enum JobNameRule {
    static func allows(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, name.utf8.count <= 100 else { return false }
        return first.properties.isAlphabetic && name.utf8.allSatisfy { $0 < 128 }
            && name.allSatisfy { $0.isLetter || $0.isNumber || "_-.".contains($0) }
    }

    static func explanation(_ name: String) -> String {
        "'\(name)' cannot be the name of a job: begin with a letter, and go on with letters, digits, '_', '-' and '.'."
    }
}
