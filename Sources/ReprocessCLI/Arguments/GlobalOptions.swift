/// The options that every command takes.
enum GlobalOptions {
    static let all = [
        OptionSpec(
            name: "config", value: .text("FILE"), summary: "The configuration.",
            defaultText: "\(ConfigurationFile.name) here or in a folder above", environment: "REPROCESS_CONFIG"),
        OptionSpec(
            name: "database", value: .text("URL"), summary: "The PostgreSQL server that holds the ledger.",
            defaultText: "'database' of the configuration, else libpq's environment, else an embedded server",
            environment: "REPROCESS_DATABASE_URL"),
        OptionSpec(
            name: "schema", value: .text("NAME"), summary: "The schema of the ledger's tables.",
            defaultText: "reprocess", environment: "REPROCESS_SCHEMA"),
        OptionSpec(name: "json", value: .flag, summary: "Print JSON on standard output, and nothing else."),
        OptionSpec(
            name: "color", value: .choice(Style.Choice.allCases.map(\.rawValue)),
            summary: "Use colours. NO_COLOR turns them off.", defaultText: "auto, on terminals"),
        OptionSpec(
            name: "log-format", value: .choice(LogFormat.allCases.map(\.rawValue)),
            summary: "What is told on standard error: for people, or a JSON object on a line for each event.",
            defaultText: "text"),
        OptionSpec(name: "quiet", short: "q", value: .flag, summary: "Print results and errors only."),
        OptionSpec(name: "verbose", short: "v", value: .flag, summary: "Print more."),
        OptionSpec(name: "help", short: "h", value: .flag, summary: "Print this page."),
        OptionSpec(name: "version", value: .flag, summary: "Print the version."),
    ]
}
