internal import Partitions
internal import ProgressStore

/// How long somebody waits for one answer.
struct Waits {
    let options: Options

    /// Claims, each given back at once.
    func claims() async throws -> Measured {
        let ledger = try await options.ledger(0)
        var measured = Measured()
        for round in 0..<(options.count + 8) {
            var claims: [Claim] = []
            let request = options.request(options.first + round * options.batch)
            let taken = try await seconds { claims = try await ledger.claim(request) }
            try await ledger.release(job: "orders", claims.map(\.token))
            guard claims.count == options.batch else { throw Mistake("only \(claims.count) partitions were granted") }
            if round >= 8 { measured.milliseconds.append(taken * 1_000) }
        }
        await ledger.close()
        return measured
    }

    /// What `status` asks: the counts, and the rows that run, failed and are held.
    func status() async throws -> Measured {
        let ledger = try await options.ledger(0)
        // Not whole months, as a person names it.
        let range = PartitionRange(granularity: .hour, ordinals: 100..<(options.partitions - 100))
        var measured = Measured()
        for round in 0..<(options.count + 8) {
            let asked = round.isMultiple(of: 2) ? range : nil
            let taken = try await seconds {
                let counts = try await ledger.summary(job: "orders", in: asked).counts
                guard !counts.isEmpty else { throw Mistake("there are no counts") }
                for status in [Status.running, .failed, .held] {
                    _ = try await ledger.rows(
                        job: "orders", in: asked, granularity: .hour, statuses: [status], limit: 20)
                }
            }
            if round >= 8 { measured.milliseconds.append(taken * 1_000) }
        }
        await ledger.close()
        return measured
    }
}
