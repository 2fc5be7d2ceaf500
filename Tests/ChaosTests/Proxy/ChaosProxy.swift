import Foundation
import Synchronization
import TestSupport

/// Stands between the workers and their server, on TCP, and does to their connections what networks do.
final class ChaosProxy: Sendable {
    /// What the proxy has done so far.
    struct Counts {
        var connections = 0
        var cut = 0
        var refused = 0
        var stalled = 0
        /// Requests that the server has carried out and whose reply was swallowed.
        var swallowed: [RequestKind: Int] = [:]
    }

    private struct State {
        var connections: [Int: ProxiedConnection] = [:]
        var refuses = false
        var stallsNew = false
        var armed: [RequestKind: Int] = [:]
        var counts = Counts()
    }

    /// The port on 127.0.0.1.
    let port: UInt16
    private let listener: Int32
    private let target: String
    private let state = Mutex(State())

    /// Starts to listen, before a server whose socket has this path.
    init(before target: String) throws {
        self.target = target
        (listener, port) = try SocketCalls.listen()
        Thread.detachNewThread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                if client < 0 && (errno == EINTR || errno == ECONNABORTED) { continue }
                guard client >= 0, let proxy = self else { break }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                proxy.take(client)
            }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in chosen(.all) { connection.cut(resets: false) }
    }

    /// How to connect through the proxy.
    var conninfo: String {
        "host=127.0.0.1 port=\(port) user=reprocess dbname=postgres sslmode=disable gssencmode=disable"
    }

    /// What has been done so far.
    var counts: Counts { state.withLock { $0.counts } }

    /// Ends connections; returns how many.
    @discardableResult
    func cut(_ selection: Fault.Selection = .all, resets: Bool) -> Int {
        let chosen = chosen(selection)
        for connection in chosen { connection.cut(resets: resets) }
        state.withLock { $0.counts.cut += chosen.count }
        return chosen.count
    }

    /// Whether who connects is turned away.
    func refuseNew(_ refuses: Bool) { state.withLock { $0.refuses = refuses } }

    /// Lets connections hang, and where all of them do, those that come too.
    func stall(_ selection: Fault.Selection) {
        let chosen = chosen(selection)
        for connection in chosen { connection.stall() }
        state.withLock {
            $0.stallsNew = selection == .all
            $0.counts.stalled += chosen.count
        }
    }

    /// Lets every connection go on.
    func resume() {
        state.withLock { $0.stallsNew = false }
        for connection in chosen(.all) { connection.resume() }
    }

    /// Swallows the reply to the next request of a kind, after the server has carried it out, and cuts the line.
    func swallowReply(to kind: RequestKind) { state.withLock { $0.armed[kind, default: 0] += 1 } }

    /// Goes back to carrying everything.
    func calm() {
        state.withLock {
            $0.refuses = false
            $0.armed = [:]
        }
        resume()
    }

    private func chosen(_ selection: Fault.Selection) -> [ProxiedConnection] {
        state.withLock { state in
            state.connections.sorted { $0.key < $1.key }.map(\.value).enumerated()
                .filter { selection.contains($0.offset) }.map(\.element)
        }
    }

    private func take(_ client: Int32) {
        if state.withLock({ $0.refuses }) {
            SocketCalls.reset(client)
            close(client)
            return state.withLock { $0.counts.refused += 1 }
        }
        guard let server = SocketCalls.connect(to: target) else {
            close(client)
            return
        }
        guard
            let connection = try? ProxiedConnection(
                client: client, server: server, wants: { [weak self] in self?.useUp($0) == true })
        else { return [client, server].forEach { close($0) } }
        let number = state.withLock { state -> Int in
            state.counts.connections += 1
            state.connections[state.counts.connections] = connection
            if state.stallsNew { connection.stall() }
            return state.counts.connections
        }
        Thread.detachNewThread { [weak self] in
            let ending = connection.carry()
            self?.ended(number, ending)
        }
    }

    private func useUp(_ kind: RequestKind) -> Bool {
        state.withLock { state in
            guard let count = state.armed[kind], count > 0 else { return false }
            state.armed[kind] = count - 1
            return true
        }
    }

    private func ended(_ number: Int, _ ending: Conversation.Ending?) {
        state.withLock { state in
            state.connections[number] = nil
            if case .done(let kind) = ending { state.counts.swallowed[kind, default: 0] += 1 }
        }
    }
}
