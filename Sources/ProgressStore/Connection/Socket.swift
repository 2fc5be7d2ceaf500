internal import Glibc

/// Waiting for a socket of libpq, which is polled beside a wake-up.
enum Socket {
    /// Waits until the socket is ready, somebody wakes the thread, or time is up; returns what the socket is ready for,
    /// nothing where it is not.
    static func wait(_ socket: Int32, for events: Int16, milliseconds: Int32, wakeUp: WakeUp) -> Int16 {
        var descriptors = [
            pollfd(fd: socket, events: events, revents: 0),
            pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        // A signal (EINTR) ends the wait early, which every caller's loop bears.
        guard ready > 0 else { return 0 }
        if descriptors[1].revents != 0 {
            wakeUp.drain()
            if descriptors[0].revents == 0 { return Int16(POLLIN) & events }
        }
        return descriptors[0].revents
    }
}

/// Lends texts as the array of C strings that libpq takes; nil is NULL.
func withCStrings<Result, Failure: Error>(
    _ values: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) throws(Failure) -> Result
) throws(Failure) -> Result {
    var bytes: [CChar] = []
    var offsets: [Int?] = []
    for value in values {
        guard let value else {
            offsets.append(nil)
            continue
        }
        offsets.append(bytes.count)
        bytes.append(contentsOf: value.utf8.lazy.map { CChar(bitPattern: $0) })
        bytes.append(0)
    }
    let storage = UnsafeMutablePointer<CChar>.allocate(capacity: max(bytes.count, 1))
    defer { storage.deallocate() }
    storage.update(from: bytes, count: bytes.count)
    let pointers = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: max(values.count, 1))
    defer { pointers.deallocate() }
    for (index, offset) in offsets.enumerated() {
        pointers.advanced(by: index).initialize(to: offset.map { UnsafePointer(storage + $0) })
    }
    return try body(UnsafePointer(pointers))
}
