internal import Transforms

extension EngineSettings {
    /// The settings as the engine takes them.
    var options: EngineOptions {
        EngineOptions(
            memoryLimit: memoryLimit.map { "\($0)B" }, threads: threads, temporaryDirectory: temporaryDirectory)
    }
}
