import Foundation
import Synchronization
import TestSupport

/// One connection through the proxy, carried by a thread of its own until one side ends it or the proxy cuts it.
final class ProxiedConnection: Sendable {
    private enum Order { case carry, stall, cut(resets: Bool) }

    private let client: Int32
    private let server: Int32
    /// A byte here makes the thread look at its order.
    private let bell: (reading: Int32, writing: Int32)
    private let order = Mutex(Order.carry)
    /// Asks whether the reply to such a request is to be swallowed; a yes is used up.
    private let wants: @Sendable (RequestKind) -> Bool

    /// Takes over both sockets.
    init(client: Int32, server: Int32, wants: @escaping @Sendable (RequestKind) -> Bool) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestSupportError("no pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (self.client, self.server, bell, self.wants) = (client, server, (ends[0], ends[1]), wants)
    }

    deinit { for descriptor in [client, server, bell.reading, bell.writing] { close(descriptor) } }

    /// Ends the connection on both sides.
    func cut(resets: Bool) { obey(.cut(resets: resets)) }

    /// Carries nothing any more, and says so to nobody.
    func stall() { obey(.stall) }

    /// Carries what has waited, and goes on.
    func resume() { obey(.carry) }

    private func obey(_ new: Order) {
        order.withLock { order in
            if case .cut = order { return }
            order = new
        }
        _ = SocketCalls.ring(bell.writing)
    }

    /// Carries the connection to its end.
    ///
    /// - Returns: How a swallowed request ended, where one was.
    func carry() -> Conversation.Ending? {
        // The closing itself is left to the last owner, so that no number is used again while somebody may cut it.
        defer { for side in [client, server] { shutdown(side, Int32(SHUT_RDWR)) } }
        var conversation = Conversation()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let current = order.withLock { $0 }
            if case .cut(let resets) = current {
                if resets { SocketCalls.reset(client) }
                return nil
            }
            var isStalled = false
            if case .stall = current { isStalled = true }
            let ready = waitForInput(isStalled: isStalled)
            if ready.bell {
                _ = read(bell.reading, &buffer, buffer.count)
                continue
            }
            if ready.client {
                let count = read(client, &buffer, buffer.count)
                guard count > 0 else { return nil }
                conversation.clientSaid(buffer[..<count], wants: wants)
                guard SocketCalls.send(buffer[..<count], to: server) else { return nil }
            }
            if ready.server {
                let count = read(server, &buffer, buffer.count)
                guard count > 0 else { return nil }
                let wasSwallowing = conversation.isSwallowing
                if let ending = conversation.serverSaid(buffer[..<count]) { return ending }
                if !wasSwallowing {
                    guard SocketCalls.send(buffer[..<count], to: client) else { return nil }
                }
            }
        }
    }

    private func waitForInput(isStalled: Bool) -> (bell: Bool, client: Bool, server: Bool) {
        var descriptors = [pollfd(fd: bell.reading, events: Int16(POLLIN), revents: 0)]
        if !isStalled {
            descriptors += [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        }
        while poll(&descriptors, nfds_t(descriptors.count), -1) < 0 {}
        let ready = descriptors.map { $0.revents != 0 }
        return isStalled ? (ready[0], false, false) : (ready[0], ready[1], ready[2])
    }
}
