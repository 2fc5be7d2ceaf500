internal import ProgressStore

/// Extends the leases of a batch of claims.
struct Heartbeats {
    let options: Options

    func measure() async throws -> Measured {
        let ledger = try await options.ledger(0)
        let tokens = try await ledger.claim(options.request(options.first)).map(\.token)
        guard tokens.count == options.batch else { throw Mistake("only \(tokens.count) partitions were granted") }
        let beat = {
            let reply = try await ledger.heartbeat(job: "orders", run: 1, tokens, lease: .seconds(90))
            guard reply.held.count == tokens.count else { throw Mistake("a lease was lost") }
        }
        for _ in 0..<8 { try await beat() }
        let taken = try await seconds { for _ in 0..<options.count { try await beat() } }
        try await ledger.release(job: "orders", tokens)
        await ledger.close()
        return Measured(count: options.count, seconds: taken)
    }
}
