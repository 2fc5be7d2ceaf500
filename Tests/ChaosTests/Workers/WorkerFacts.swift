import Foundation

/// What a worker has told of its partitions, counted.
struct WorkerFacts: Equatable {
    private struct Event: Decodable {
        enum CodingKeys: String, CodingKey {
            case event, partition, batches
            case takenOver = "taken_over"
            case size = "batch_size"
        }

        let event: String
        let partition: String?
        let takenOver: Bool?
        let batches: Int?
        let size: Int?
    }

    /// How often it was told that it had lost a partition.
    private(set) var lost = 0
    /// Batches that it finished.
    private(set) var batches = 0
    /// Batches that were to have another number of rows than the one before, of the same partition.
    private(set) var cutAgain = 0
    /// Partitions of a lost worker with which it went on after that one's batches.
    private(set) var takenUp = 0
    /// The batches that it did not read again for that.
    private(set) var takenUpBatches = 0
    /// Partitions that it began anew although batches of it were finished.
    private(set) var forgotten: [String] = []

    /// Reads its standard output; a worker that was killed may have left half of a line.
    init(output: String) {
        var takenOver: Set<String> = []
        var sizes: [String: Int] = [:]
        for line in output.split(separator: "\n") {
            guard let event = try? JSONDecoder().decode(Event.self, from: Data(line.utf8)),
                let partition = event.partition
            else { continue }
            switch event.event {
            case "claimed":
                sizes[partition] = nil
                if event.takenOver == true { takenOver.insert(partition) } else { takenOver.remove(partition) }
            case "lost": lost += 1
            case "batch_finished":
                batches += 1
                if let size = sizes[partition], size != event.size { cutAgain += 1 }
                sizes[partition] = event.size
            case "batches_taken_up" where takenOver.contains(partition):
                takenUp += 1
                takenUpBatches += event.batches ?? 0
            case "batches_forgotten": forgotten.append(partition)
            default: break
            }
        }
    }
}
