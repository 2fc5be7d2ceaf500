/// Decides what happens at each fault point.
///
/// In release builds nothing happens, and nothing can be injected.
package struct FaultInjector: Sendable {
    #if DEBUG
        private let body: @Sendable (FaultPoint) throws -> Void

        /// Creates an injector that calls a closure at each point, on the thread that reached it.
        package init(_ body: @escaping @Sendable (FaultPoint) throws -> Void) {
            self.body = body
        }
    #else
        private init() {}
    #endif

    /// Does nothing at any point.
    package static let none = make()

    /// Does what the environment variable `REPROCESS_FAULT` asks for.
    package static let fromEnvironment = makeFromEnvironment()

    /// Marks that the program is at a point.
    @inline(__always)
    package func reached(_ point: FaultPoint) throws {
        #if DEBUG
            try body(point)
        #endif
    }

    private static func make() -> FaultInjector {
        #if DEBUG
            FaultInjector { _ in }
        #else
            FaultInjector()
        #endif
    }

    private static func makeFromEnvironment() -> FaultInjector {
        #if DEBUG
            let faults = InjectedFault.fromEnvironment
            return faults.isEmpty ? none : FaultInjector { point in for fault in faults { try fault.reached(point) } }
        #else
            none
        #endif
    }
}
