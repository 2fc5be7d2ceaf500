internal import Transforms

/// Makes the engine of this process.
enum EngineFactory {
    static func engine(_ settings: EngineSettings) throws -> any Engine {
        throw TransformError(.engineMissing, "This build has no engine.")
    }
}
