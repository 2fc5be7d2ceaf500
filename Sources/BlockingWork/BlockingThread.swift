internal import Dispatch

/// A serial executor over a private dispatch queue, for work that blocks.
///
/// Swift's cooperative pool has one thread a core; a C call that waits for a server or a disk there stops every other
/// task. An actor that uses this executor waits on a thread of its own instead.
public final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// Creates an executor; `label` names its queue in a debugger.
    public init(label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Puts a job on the queue.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { unowned.runSynchronously(on: executor) }
    }

    /// This executor, without a reference count.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }
}

/// One thread's worth of blocking work: closures run one after the other, away from the cooperative pool.
public actor BlockingThread {
    private let executor: BlockingExecutor

    /// Creates the thread; `label` names its queue in a debugger.
    public init(label: String) {
        executor = BlockingExecutor(label: label)
    }

    /// The queue of this thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Runs a blocking closure on this thread and returns its result.
    ///
    /// The closure runs to its end, also when the calling task is cancelled: what it waits for must be interrupted from
    /// outside.
    public func run<Result: Sendable, Failure: Error>(
        _ body: @Sendable () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body()
    }
}
