import Foundation
import Glibc
import Synchronization
import TestSupport

/// Stands between a client and the test server.
///
/// It cuts the line at the worst moment: after the server has done what was asked, and before the client hears of it.
/// Or it goes on to take everything and passes nothing on, leads to another server, or refuses settings in the request
/// for a connection, as some poolers do.
final class TestProxy: Sendable {
    private let directory: TemporaryDirectory
    private let listener: Int32
    private let target: Mutex<String>
    private let marker = Mutex<(text: [UInt8], holds: Bool)?>(nil)
    private let clients = Mutex<Set<Int32>>([])
    private let stalled = Atomic(false)
    private let reads = Atomic(true)
    private let holdsCancels = Atomic(false)
    private let refusesOptions: Bool
    private let cutCount = Mutex(0)
    private let refusalCount = Mutex(0)
    private let heldCount = Mutex(0)

    /// How often the line was cut.
    var cuts: Int { cutCount.withLock { $0 } }

    /// How many lines are held open while nothing is passed on.
    var heldLines: Int { heldCount.withLock { $0 } }

    /// How many requests for a connection were refused.
    var refusals: Int { refusalCount.withLock { $0 } }

    init(before cluster: TestCluster, refusesOptions: Bool = false) throws {
        self.refusesOptions = refusesOptions
        directory = try TemporaryDirectory()
        target = Mutex(Self.socket(of: cluster))
        listener = try Self.listen(at: directory.path + "/.s.PGSQL.5432")
        Thread.detachNewThread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard let proxy = self else {
                    if client >= 0 { close(client) }
                    break
                }
                guard client >= 0 else { continue }
                Thread.detachNewThread { proxy.carry(client) }
            }
            // Here and not where the proxy ends: the number would be another proxy's while this thread still uses it.
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// How to connect through the proxy.
    var conninfo: String { "host='\(directory.path)' port=5432 user=reprocess dbname=postgres" }

    /// Cuts the line once, at the answer to the next request that contains a text.
    func cutAfterRequest(containing text: String) {
        marker.withLock { $0 = (Array(text.utf8), false) }
    }

    /// Holds one line open from the next request on that contains a text: the server gets it, and nothing comes back.
    func holdAfterRequest(containing text: String) {
        marker.withLock { $0 = (Array(text.utf8), true) }
    }

    /// Takes everything on every line, also on new ones, and passes nothing on; `false` ends that for new lines.
    ///
    /// Or it does not even take anything, so that what a client sends piles up.
    func stall(_ isStalled: Bool, reading: Bool = true) {
        reads.store(reading, ordering: .releasing)
        stalled.store(isStalled, ordering: .releasing)
    }

    /// Keeps requests to cancel to itself, and whoever sends them waiting.
    func holdCancels() { holdsCancels.store(true, ordering: .releasing) }

    /// Leads to another server from now on, and cuts every line to the one before.
    func redirect(to cluster: TestCluster) {
        target.withLock { $0 = Self.socket(of: cluster) }
        clients.withLock { for client in $0 { shutdown(client, Int32(SHUT_RDWR)) } }
    }

    private static func socket(of cluster: TestCluster) -> String { cluster.folder + "/.s.PGSQL.5432" }

    private func carry(_ client: Int32) {
        clients.withLock { _ = $0.insert(client) }
        defer {
            // The number may be another line's as soon as it is closed.
            clients.withLock { _ = $0.remove(client) }
            close(client)
        }
        guard let server = try? Self.connect(to: target.withLock { $0 }) else { return }
        defer { close(server) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var swallowed: [UInt8]?
        while true {
            var descriptors = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&descriptors, 2, -1) > 0 else { return }
            if stalled.load(ordering: .acquiring) { return hold(client, &buffer) }
            if descriptors[0].revents != 0 {
                let count = read(client, &buffer, buffer.count)
                guard count > 0 else { return }
                if refusesOptions, buffer[..<count].firstRange(of: Array("options\0".utf8)) != nil {
                    refusalCount.withLock { $0 += 1 }
                    _ = Self.send(Self.refusal[...], to: client)
                    return
                }
                if holdsCancels.load(ordering: .acquiring), buffer[..<count].firstRange(of: Self.cancelCode) != nil {
                    return hold(client, &buffer)
                }
                let mark = takeMark(in: buffer[..<count])
                guard Self.send(buffer[..<count], to: server) else { return }
                if mark?.holds == true { return hold(client, &buffer) }
                if mark != nil { swallowed = [] }
            }
            if descriptors[1].revents != 0 {
                let count = read(server, &buffer, buffer.count)
                guard count > 0 else { return }
                if swallowed == nil {
                    guard Self.send(buffer[..<count], to: client) else { return }
                } else {
                    swallowed?.append(contentsOf: buffer[..<count])
                    // ReadyForQuery, idle: the statement has been carried out (protocol, "Message Formats").
                    if swallowed?.suffix(6) == [0x5A, 0, 0, 0, 5, 0x49] {
                        cutCount.withLock { $0 += 1 }
                        return
                    }
                }
            }
        }
    }

    /// Keeps a line open until the client gives it up.
    private func hold(_ client: Int32, _ buffer: inout [UInt8]) {
        heldCount.withLock { $0 += 1 }
        var descriptor = pollfd(fd: client, events: 0, revents: 0)
        // Without an event to wait for, poll(2) tells of the end alone.
        while !reads.load(ordering: .acquiring), poll(&descriptor, 1, 20) == 0 {}
        while read(client, &buffer, buffer.count) > 0 {}
    }

    /// CancelRequest (protocol, "Message Formats").
    private static let cancelCode: [UInt8] = [0x04, 0xD2, 0x16, 0x2E]

    /// ErrorResponse (protocol, "Message Formats"), as PgBouncer words it.
    private static let refusal: [UInt8] = {
        let fields = "SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
        return [0x45, 0, 0, 0, UInt8(fields.utf8.count + 4)] + Array(fields.utf8)
    }()

    private func takeMark(in bytes: ArraySlice<UInt8>) -> (text: [UInt8], holds: Bool)? {
        marker.withLock { marker in
            guard let found = marker, bytes.firstRange(of: found.text) != nil else { return nil }
            marker = nil
            return found
        }
    }

    private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func listen(at path: String) throws -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard withAddress(path, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 64) == 0 else {
            throw TestExpectation("no socket at \(path)")
        }
        return descriptor
    }

    private static func connect(to path: String) throws -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard withAddress(path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw TestExpectation("no server at \(path)")
        }
        return descriptor
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8) + [0]) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
