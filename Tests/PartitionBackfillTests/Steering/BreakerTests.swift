import Partitions
import Testing

@testable import PartitionBackfill

@Suite struct BreakerTests {
    private func key(_ ordinal: Int) -> PartitionKey { PartitionKey(granularity: .day, ordinal: ordinal) }

    @Test func `The same error on enough partitions in a row trips it`() {
        var breaker = Breaker(BreakerPolicy(inARow: 3))
        #expect(breaker.failed(key(1), "no file '/a/1.csv'") == nil)
        #expect(breaker.failed(key(2), "no file '/a/2.csv'") == nil)
        let trip = breaker.failed(key(3), "no file '/a/3.csv'")
        #expect(trip == Breaker.Trip(error: "no file '/a/3.csv'", count: 3, latest: nil))
        #expect(trip?.description == "3 partitions in a row failed with the same error: no file '/a/3.csv'")
        #expect(breaker.failed(key(4), "no file '/a/4.csv'") == nil, "what was counted counts no longer")
    }

    @Test func `A partition that is done, or fails otherwise, begins the row anew`() {
        var breaker = Breaker(BreakerPolicy(inARow: 2, share: 1, of: 100))
        #expect(breaker.failed(key(1), "a") == nil)
        breaker.succeeded()
        #expect(breaker.failed(key(2), "a") == nil)
        #expect(breaker.failed(key(3), "b") == nil)
        #expect(breaker.failed(key(4), "a") == nil)
        #expect(breaker.failed(key(5), "a") != nil)
    }

    @Test func `The same partition again and again is one`() {
        var breaker = Breaker(BreakerPolicy(inARow: 2, share: 1, of: 100))
        for _ in 0..<5 { #expect(breaker.failed(key(1), "a") == nil) }
        #expect(breaker.failed(key(2), "a") != nil)
    }

    @Test func `A share of the latest partitions trips it, once there are so many`() {
        var breaker = Breaker(BreakerPolicy(inARow: 100, share: 0.5, of: 4))
        #expect(breaker.failed(key(1), "a") == nil)
        breaker.succeeded()
        #expect(breaker.failed(key(3), "b") == nil)
        #expect(breaker.failed(key(4), "a") == Breaker.Trip(error: "a", count: 2, latest: 4))
        var calm = Breaker(BreakerPolicy(inARow: 100, share: 0.5, of: 4))
        for number in 0..<20 {
            #expect(calm.failed(key(number), "a") == nil, "one of four is less than half")
            for _ in 0..<3 { calm.succeeded() }
        }
    }

    @Test(arguments: [
        ("No file '/lake/2024-01-01.csv' there", "No file '/lake/x.csv' there"),
        ("/lake/a/b.parquet cannot be read", "/other/c.parquet cannot be read"),
        ("HTTP 503 from https://host/a?x=1: busy", "HTTP 500 from https://host2/b: busy"),
        ("row 17, column 3", "row 18, column 44"),
        ("attempt 0f8fad5b-d9cb-469f-a165-70867728950e lost", "attempt 7c9e6679-7425-40de-944b-e07fc1f90ae7 lost"),
        ("it took 1.5 s on 2024-01-05", "it took 22.25 s on 2024-02-17"),
        ("the key \"a b\" is missing", "the key \"c\" is missing"),
    ])
    func `What differs from day to day is no difference`(first: String, second: String) {
        #expect(ErrorSignature(of: first) == ErrorSignature(of: second))
    }

    @Test(arguments: [
        ("the table is missing", "the table is locked"), ("it isn't there and can't be", "it isn't here and won't be"),
        ("a decade", "a facade"),
    ])
    func `Other words are another error`(first: String, second: String) {
        #expect(ErrorSignature(of: first) != ErrorSignature(of: second))
    }
}
