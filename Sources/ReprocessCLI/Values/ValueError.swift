/// A text that is not the value it should be.
struct ValueError: Error, CustomStringConvertible {
    /// A sentence that names the offending text.
    let message: String

    var description: String { message }
}
