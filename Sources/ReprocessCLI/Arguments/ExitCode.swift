/// What the process tells its caller.
enum ExitCode: Int32, Sendable, CaseIterable {
    case complete = 0
    case incomplete = 1
    case refused = 2
    case stopped = 3
    /// `EX_USAGE` of sysexits(3).
    case usage = 64
    /// 128 + SIGINT, as shells report a process that a signal ended.
    case interrupted = 130
    /// 128 + SIGTERM.
    case terminated = 143

    /// What it means, for help pages.
    var meaning: String {
        switch self {
        case .complete: "Everything asked for is COMPLETE."
        case .incomplete: "Finished, but some partitions are FAILED or HELD."
        case .refused: "Refused: the configuration, the table or the database does not allow it."
        case .stopped:
            "Stopped before the end, by a failure, by 'drain' or 'cancel', or because the same error came again and "
                + "again."
        case .usage: "The command line cannot be understood."
        case .interrupted: "Ended gracefully after Ctrl-C (SIGINT)."
        case .terminated: "Ended gracefully after SIGTERM."
        }
    }
}
