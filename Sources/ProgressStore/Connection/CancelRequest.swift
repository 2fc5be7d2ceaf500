internal import CLibPQ
internal import Foundation
internal import Synchronization

/// A request to stop what a connection is doing, which travels on a connection of its own (docs, "Canceling Queries").
///
/// libpq's call waits until the server has taken the request, for ever where nothing answers: so it has a thread that
/// nobody waits for.
final class CancelRequest: Sendable {
    private let delivered = Atomic(false)

    /// The server has taken the request, or cannot be reached: it will not hit a later statement any more.
    var isSettled: Bool { delivered.load(ordering: .acquiring) }

    /// Sends the request for what the connection does now.
    init(stopping connection: OpaquePointer) {
        nonisolated(unsafe) let request = PQgetCancel(connection)
        guard request != nil else {
            delivered.store(true, ordering: .releasing)
            return
        }
        Thread.detachNewThread { [self] in
            // Where the request does not get through, the wait for its effect ends with the connection.
            var message = [CChar](repeating: 0, count: 256)
            _ = PQcancel(request, &message, Int32(message.count))
            PQfreeCancel(request)
            delivered.store(true, ordering: .releasing)
        }
    }
}
