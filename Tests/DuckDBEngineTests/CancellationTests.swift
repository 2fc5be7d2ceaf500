import DuckDBEngine
import Foundation
import Synchronization
import Testing

struct CancellationTests {
    private static let endless = "SELECT sum(hash(a.range + b.range)) FROM range(10000000) AS a, range(10000000) AS b"

    private let connection: Connection

    init() throws {
        let environment = ProcessInfo.processInfo.environment
        connection = try Database(options: DatabaseOptions(threads: 2), environment: environment).connect()
    }

    @Test(.timeLimit(.minutes(1))) func `work that was cancelled before it begins does not begin`() {
        let scope = CancellationScope()
        scope.cancel()
        let error = #expect(throws: DuckDBError.self) { try connection.run(Self.endless, in: scope) }
        #expect(error?.kind == .interrupted)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [0, 1, 3, 10, 30, 100, 300])
    func `a cancellation at any moment ends the query soon`(milliseconds: Int) throws {
        for _ in 0..<(milliseconds < 50 ? 30 : 3) {
            let scope = CancellationScope()
            let cancelledAt = Mutex<ContinuousClock.Instant?>(nil)
            let canceller = Thread {
                Thread.sleep(forTimeInterval: Double(milliseconds) / 10_000)
                cancelledAt.withLock { $0 = .now }
                scope.cancel()
                scope.cancel()
            }
            canceller.start()
            let error = #expect(throws: DuckDBError.self) { try connection.run(Self.endless, in: scope) }
            let delay = try #require(cancelledAt.withLock { $0 }).duration(to: .now)
            #expect(error?.kind == .interrupted)
            #expect(delay < .seconds(20))
            #expect(try connection.run("SELECT 1", in: CancellationScope()).rows == [[.integer(1)]])
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a cancellation while the statement is still being parsed is not lost`() {
        // DuckDB forgets an interrupt that comes before it has parsed the text; this one takes a while to parse.
        let sql = Self.endless + "/*" + String(repeating: " a comment", count: 5_000_000) + "*/"
        let scope = CancellationScope()
        let canceller = Thread {
            Thread.sleep(forTimeInterval: 0.002)
            scope.cancel()
        }
        canceller.start()
        let error = #expect(throws: DuckDBError.self) { try connection.run(sql, in: scope) }
        #expect(error?.kind == .interrupted)
    }

    @Test func `a late cancellation does not hit the work that follows`() throws {
        for _ in 0..<200 {
            let first = CancellationScope()
            _ = try connection.run("SELECT 1", in: first)
            let canceller = Thread { first.cancel() }
            canceller.start()
            #expect(try connection.run("SELECT sum(range) FROM range(10000)", in: CancellationScope()).rows.count == 1)
        }
    }
}
