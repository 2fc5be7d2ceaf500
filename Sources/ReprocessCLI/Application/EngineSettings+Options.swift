internal import Transforms

extension EngineSettings {
    /// The settings as the engine takes them, for a number of partitions at the same time.
    func options(sessions: Int = 1) -> EngineOptions {
        EngineOptions(
            memoryLimit: memoryLimit.map { "\($0)B" }, threads: threads, temporaryDirectory: temporaryDirectory,
            sessions: sessions)
    }
}
