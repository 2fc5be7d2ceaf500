import Foundation
import Glibc
import PartitionBackfill
import ProgressStore
import Synchronization
import TestSupport
import Testing

@testable import ReprocessCLI

@Suite struct LedgerNoticesTests {
    /// What people are told while `body` runs.
    private func told(_ body: (LedgerNotices) async throws -> Void) async throws -> String {
        let directory = try TemporaryDirectory()
        let path = directory.appending("messages")
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let output = FileOutput(descriptor: descriptor)
        let paths = MessagePaths(workingDirectory: "/home/me")
        try await body(LedgerNotices(console: Console(output: output, messages: output, paths: paths)))
        return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    @Test func `A ledger that goes away and comes back is told to people`() async throws {
        let text = try await told { notices in
            let options = notices.options(schema: "reprocess", worker: "w")
            #expect(options.reconnectTimeout == .seconds(600))
            options.onPreparation("Making the ledger in /home/me/.reprocess/postgres")
            options.onAvailability("No server at 'db'.\nLook there.")
            options.onAvailability(nil)
        }
        #expect(
            text == """
                Making the ledger in .reprocess/postgres …
                The ledger does not answer; it is tried again for up to 10 minutes: No server at 'db'.
                The ledger answers again.

                """)
    }

    @Test func `While a run is shown, it is an event of the run`() async throws {
        let events = Mutex<[String]>([])
        let text = try await told { notices in
            try await notices.diverted { event in
                events.withLock { $0.append(RunEventJSON.line(for: event)) }
            } _: {
                notices.note("gone")
                notices.note(nil)
            }
            notices.note(nil)
        }
        #expect(text == "The ledger answers again.\n")
        #expect(
            events.withLock { $0 } == [
                "{\"event\":\"ledger_unavailable\",\"message\":\"gone\"}\n", "{\"event\":\"ledger_available\"}\n",
            ])
    }
}
