internal import ProgressStore

/// Claims partitions and completes them, on so many connections at once.
struct Pairs {
    let options: Options

    func measure() async throws -> Measured {
        let options = options
        var ledgers: [Ledger] = []
        for number in 0..<options.connections { ledgers.append(try await options.ledger(number)) }
        // Connected, and every statement has its name on the server.
        let warmUp = 8
        let share = (options.count + warmUp) * options.batch
        let all = ledgers
        try await Self.run(all, options, share: share, rounds: 0..<warmUp)
        let taken = try await seconds {
            try await Self.run(all, options, share: share, rounds: warmUp..<(warmUp + options.count))
        }
        for ledger in ledgers { await ledger.close() }
        return Measured(count: options.count * options.connections * options.batch, seconds: taken)
    }

    private static func run(_ ledgers: [Ledger], _ options: Options, share: Int, rounds: Range<Int>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, ledger) in ledgers.enumerated() {
                group.addTask {
                    for round in rounds {
                        try await pair(ledger, options, options.first + number * share + round * options.batch)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func pair(_ ledger: Ledger, _ options: Options, _ place: Int) async throws {
        let claims = try await ledger.claim(options.request(place))
        guard claims.count == options.batch else {
            throw Mistake("\(claims.count) of \(options.batch) partitions were granted from number \(place) on")
        }
        let facts = CompletionFacts(
            rowsWritten: 600, bytesWritten: 20_000, transformVersion: "2", tableVersion: "g1",
            wasAdopted: false)
        let outcomes = try await ledger.complete(
            job: "orders", claims.map { Completion(token: $0.token, facts: facts) })
        guard outcomes.allSatisfy({ $0 == .recorded(.complete) }) else { throw Mistake("not everything was recorded") }
    }
}
