internal import FaultPoints
internal import ProgressStore

/// How what was published becomes COMPLETE.
extension BackfillRun {
    func recordCompletions() async throws -> Part {
        while let batch = await recorder.nextBatch() {
            let outcomes = try await ledger.complete(job: job.name, batch.map(\.completion))
            try FaultInjector.fromEnvironment.reached(.recorded)
            for (entry, outcome) in zip(batch, outcomes) where outcome == .recorded(.complete) {
                try await drop(entry.batches)
            }
            for (entry, outcome) in zip(batch, outcomes) { await note(entry, outcome) }
        }
        return .recorder
    }

    /// Removes the batches of a partition that is COMPLETE.
    ///
    /// What cannot be removed now is garbage that cleaning finds.
    private func drop(_ batches: AttemptBatches?) async throws {
        guard let batches else { return }
        try FaultInjector.fromEnvironment.reached(.batchesForgotten)
        try? await batches.drop()
    }

    private func note(_ entry: CompletionRecorder.Entry, _ outcome: MarkOutcome) async {
        let token = entry.completion.token
        let facts = entry.completion.facts
        guard case .recorded = outcome else {
            await dispatcher.putBack(token)
            return events.emit(.lost(token.key))
        }
        tally.noteComplete(
            token.key, rows: facts.rowsWritten, bytes: facts.bytesWritten, hasChanged: !facts.wasUnchanged)
        await dispatcher.completed(token, duration: entry.duration)
        // Where the engine cannot take more threads again, it goes on with fewer.
        if let threads = await dispatcher.takeMoreThreads() { try? await engine.useThreads(threads) }
        events.emit(
            .completed(
                token.key, rows: facts.rowsWritten, bytes: facts.bytesWritten, duration: entry.duration,
                wasAdopted: facts.wasAdopted, tableVersion: facts.tableVersion, wasUnchanged: facts.wasUnchanged))
    }
}
