/// The layout of the table that a project writes.
enum TableFormat: String, Sendable, CaseIterable {
    case hive, delta
}
