/// Does something with each element, a few at a time, and keeps their order.
///
/// A cancelled task finishes what it has begun and begins no more.
///
/// - Throws: The first error, after what was begun has ended; `CancellationError` where elements are left.
func inParallel<Element: Sendable, Value: Sendable>(
    _ elements: [Element], workers: Int, _ body: @escaping @Sendable (Element) async throws -> Value
) async throws -> [Value] {
    var results: [Value?] = Array(repeating: nil, count: elements.count)
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
        var next = 0
        func begin() {
            let place = next
            next += 1
            // A task of its own: a cancellation reaches what is between two elements, and nothing within.
            let work = Task { try await body(elements[place]) }
            group.addTask { (place, try await work.value) }
        }
        while next < min(workers, elements.count), !Task.isCancelled { begin() }
        var failure: (any Error)?
        while let result = await group.nextResult() {
            switch result {
            case .success(let (place, value)):
                results[place] = value
                if failure == nil, next < elements.count, !Task.isCancelled { begin() }
            case .failure(let error): failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }
    guard results.allSatisfy({ $0 != nil }) else { throw CancellationError() }
    return results.compactMap { $0 }
}
