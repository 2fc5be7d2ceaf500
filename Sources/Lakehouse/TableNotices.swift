internal import Synchronization

/// What a table has to tell beside the outcome of what it was asked to do.
final class TableNotices: Sendable {
    private let sentences = Mutex<[String]>([])

    func add(_ sentence: String) {
        sentences.withLock { $0.append(sentence) }
    }

    /// Hands the sentences over, each once.
    func take() -> [String] {
        sentences.withLock { sentences in
            defer { sentences = [] }
            return sentences
        }
    }
}
