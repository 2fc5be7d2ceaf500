internal import CYAML

/// One event of libyaml's parser, as a Swift value.
struct YAMLEvent {
    enum Kind {
        case documentMark
        case alias(String)
        case scalar(String, isPlain: Bool)
        case sequenceStart
        case mappingStart
        case collectionEnd
        /// The end of the stream.
        case end
    }

    let kind: Kind
    let position: SourcePosition
    /// The name that aliases use for what begins here.
    let anchor: String?

    /// Reads the next event.
    ///
    /// - Throws: `ConfigurationError` with libyaml's words for what is wrong, and where.
    static func next(from parser: inout yaml_parser_t) throws(ConfigurationError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else { throw problem(of: parser) }
        defer { yaml_event_delete(&event) }
        let mark = event.start_mark
        let position = SourcePosition(line: mark.line + 1, column: mark.column + 1)
        switch event.type {
        case YAML_ALIAS_EVENT:
            return YAMLEvent(kind: .alias(text(event.data.alias.anchor) ?? ""), position: position, anchor: nil)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let kind = Kind.scalar(value, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
            return YAMLEvent(kind: kind, position: position, anchor: text(scalar.anchor))
        case YAML_SEQUENCE_START_EVENT:
            return YAMLEvent(kind: .sequenceStart, position: position, anchor: text(event.data.sequence_start.anchor))
        case YAML_MAPPING_START_EVENT:
            return YAMLEvent(kind: .mappingStart, position: position, anchor: text(event.data.mapping_start.anchor))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            return YAMLEvent(kind: .collectionEnd, position: position, anchor: nil)
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT:
            return YAMLEvent(kind: .end, position: position, anchor: nil)
        default:
            return YAMLEvent(kind: .documentMark, position: position, anchor: nil)
        }
    }

    private static func problem(of parser: yaml_parser_t) -> ConfigurationError {
        let words = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
        let context = parser.context.map { ", \(String(cString: $0))" } ?? ""
        // A reader error (a byte that is no UTF-8) has an offset and no mark.
        if parser.error == YAML_READER_ERROR {
            return ConfigurationError("This is not YAML: \(words) at byte \(parser.problem_offset).")
        }
        let position = SourcePosition(line: parser.problem_mark.line + 1, column: parser.problem_mark.column + 1)
        return ConfigurationError("This is not YAML: \(words)\(context).", at: position)
    }

    private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
