/// What is known of one connection from what was said on it.
///
/// It tells which statement is being asked for, and when the server has carried it out.
struct Conversation {
    /// How the reply to a swallowed request ended.
    enum Ending {
        /// The server has done it, and is idle.
        case done(RequestKind)
        /// The server has refused it.
        case refused(RequestKind)
    }

    private var fromClient = MessageReader(startsWithoutLetter: true)
    private var fromServer = MessageReader(startsWithoutLetter: false)
    /// What each prepared statement is; the one without a name is the latest of its kind.
    private var kinds: [[UInt8]: RequestKind] = [:]
    private var unanswered = 0
    private var hasStarted = false
    /// The request whose reply is swallowed, and how many replies end before, and with, that one.
    private var swallowed: (kind: RequestKind, repliesLeft: Int)?
    private var wasRefused = false

    /// Notes what the client says; `wants` tells whether the reply to such a request is to be swallowed.
    mutating func clientSaid(_ bytes: ArraySlice<UInt8>, wants: (RequestKind) -> Bool) {
        for message in fromClient.messages(adding: bytes) {
            switch message.letter {
            case UInt8(ascii: "P"):
                let texts = message.texts(2)
                if texts.count == 2 { kinds[texts[0]] = RequestKind(sql: texts[1]) }
            case UInt8(ascii: "B"):
                let texts = message.texts(2)
                if swallowed == nil, texts.count == 2, let kind = kinds[texts[1]], wants(kind) {
                    swallowed = (kind, unanswered + 1)
                }
            case UInt8(ascii: "S"), UInt8(ascii: "Q"): unanswered += 1
            default: break
            }
        }
    }

    /// Whether what the server says is to be kept from the client.
    var isSwallowing: Bool { swallowed != nil }

    /// Notes what the server says.
    ///
    /// - Returns: How a swallowed request ended, once it has.
    mutating func serverSaid(_ bytes: ArraySlice<UInt8>) -> Ending? {
        for message in fromServer.messages(adding: bytes) {
            if message.letter == UInt8(ascii: "E") { wasRefused = true }
            guard message.letter == UInt8(ascii: "Z") else { continue }
            // The first one ends the start of the session and answers no request.
            guard hasStarted else {
                hasStarted = true
                continue
            }
            unanswered -= 1
            if let (kind, left) = swallowed {
                let isDone = message.body.first == UInt8(ascii: "I") && !wasRefused
                if left == 1 { return isDone ? .done(kind) : .refused(kind) }
                swallowed = (kind, left - 1)
            }
            wasRefused = false
        }
        return nil
    }
}
