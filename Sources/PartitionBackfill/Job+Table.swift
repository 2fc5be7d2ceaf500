package import Lakehouse
package import Transforms

extension Job {
    /// Opens the table that the job writes; nil for a job without a target.
    package func openTable() throws -> (any Table)? {
        guard let target else { return nil }
        switch target.format {
        case .hive: return try HiveTable(path: target.path, column: partitioning.column)
        }
    }
}
