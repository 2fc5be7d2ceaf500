internal import CYAML

/// Reads the one document of a YAML text, through libyaml's events.
struct YAMLParser {
    private static let greatestDepth = 64

    /// The nodes of anchors, which aliases share, so that a small file cannot unfold into a huge tree.
    private var anchors: [String: YAMLNode] = [:]

    /// Parses a text; nil where it holds no document at all.
    static func parse(_ text: String) throws(ConfigurationError) -> YAMLNode? {
        let bytes = Array(text.utf8)
        let result = bytes.withUnsafeBufferPointer { input -> Result<YAMLNode?, ConfigurationError> in
            var parser = yaml_parser_t()
            guard yaml_parser_initialize(&parser) == 1 else {
                return .failure(ConfigurationError("libyaml has no memory left."))
            }
            defer { yaml_parser_delete(&parser) }
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(&parser, input.baseAddress, input.count)
            var reader = YAMLParser()
            return Result { () throws(ConfigurationError) in try reader.document(&parser) }
        }
        return try result.get()
    }

    private mutating func document(_ parser: inout yaml_parser_t) throws(ConfigurationError) -> YAMLNode? {
        _ = try YAMLEvent.next(from: &parser)  // The start of the stream.
        let start = try YAMLEvent.next(from: &parser)
        if case .end = start.kind { return nil }
        let root = try node(try YAMLEvent.next(from: &parser), &parser, depth: 0)
        _ = try YAMLEvent.next(from: &parser)  // The end of the document.
        let rest = try YAMLEvent.next(from: &parser)
        guard case .end = rest.kind else {
            throw ConfigurationError("A second YAML document begins here; only one is read.", at: rest.position)
        }
        return root
    }

    private mutating func node(
        _ event: YAMLEvent, _ parser: inout yaml_parser_t, depth: Int
    ) throws(ConfigurationError) -> YAMLNode {
        guard depth < YAMLParser.greatestDepth else {
            throw ConfigurationError(
                "Values are nested deeper than \(YAMLParser.greatestDepth) levels.", at: event.position)
        }
        let content: YAMLNode.Content
        switch event.kind {
        case .alias(let name):
            guard let node = anchors[name] else {
                throw ConfigurationError(
                    "The alias '*\(name)' stands before its anchor '&\(name)'.", at: event.position)
            }
            return YAMLNode(content: node.content, position: event.position)
        case .scalar(let text, let isPlain):
            content = .scalar(text, isPlain: isPlain)
        case .sequenceStart:
            content = .sequence(try items(&parser, depth: depth))
        case .mappingStart:
            content = .mapping(try members(&parser, depth: depth))
        case .collectionEnd, .documentMark, .end:
            throw ConfigurationError("The YAML ends in the middle of a value.", at: event.position)
        }
        let node = YAMLNode(content: content, position: event.position)
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func items(_ parser: inout yaml_parser_t, depth: Int) throws(ConfigurationError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        while true {
            let event = try YAMLEvent.next(from: &parser)
            if case .collectionEnd = event.kind { return items }
            items.append(try node(event, &parser, depth: depth + 1))
        }
    }

    private mutating func members(
        _ parser: inout yaml_parser_t, depth: Int
    ) throws(ConfigurationError) -> [(key: YAMLNode, value: YAMLNode)] {
        var members: [(key: YAMLNode, value: YAMLNode)] = []
        while true {
            let event = try YAMLEvent.next(from: &parser)
            if case .collectionEnd = event.kind { return members }
            let key = try node(event, &parser, depth: depth + 1)
            members.append((key, try node(try YAMLEvent.next(from: &parser), &parser, depth: depth + 1)))
        }
    }
}
