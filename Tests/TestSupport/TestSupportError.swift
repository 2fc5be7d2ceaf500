/// Why something that tests need cannot be had.
public struct TestSupportError: Error, CustomStringConvertible {
    /// A sentence for whoever runs the tests.
    public let description: String

    /// Creates an error.
    public init(_ description: String) { self.description = description }
}
