#if DEBUG
    /// Lets a test watch the system calls of what it calls, in their order: a sync that is left out changes nothing else
    /// that could be seen without cutting the power.
    enum SystemCallTrace {
        /// Called with the call's name and the path after each call that succeeded.
        @TaskLocal static var observer: (@Sendable (_ call: String, _ path: String) -> Void)?
    }
#endif
