/// Something that was asked for and cannot be done as things are; nothing was changed.
struct Refusal: Error, CustomStringConvertible {
    /// A sentence that says why, and what to do instead.
    let description: String

    init(_ description: String) { self.description = description }
}
