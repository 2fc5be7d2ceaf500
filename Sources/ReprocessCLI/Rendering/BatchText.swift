/// The batches of a partition, for people.
enum BatchText {
    /// `3 batches (3,000,000 rows) finished`.
    static func finished(_ count: Int, _ rows: Int64) -> String {
        "\(counted(count)) (\(NumberText.grouped(rows)) row\(rows == 1 ? "" : "s")) finished"
    }

    /// `1 batch`, `3 batches`.
    static func counted(_ count: Int) -> String { "\(NumberText.grouped(count)) batch\(count == 1 ? "" : "es")" }
}
