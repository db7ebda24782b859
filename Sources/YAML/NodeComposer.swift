import Limits

/// Builds nodes from events and refuses what the subset leaves out.
struct NodeComposer: ~Copyable {
    private let events: EventReader
    private let limits: Limits.YAML
    /// What the subset leaves out is noted, and reading goes on.
    private let goesOn: Bool
    /// What was noted.
    private(set) var problems: [YAMLFault] = []
    private var nodes = 0

    init(_ events: consuming EventReader, limits: Limits.YAML, goesOn: Bool = false) {
        self.events = events
        self.limits = limits
        self.goesOn = goesOn
    }

    mutating func document() throws(YAMLFault) -> YAMLNode {
        _ = try events.next()  // the stream's start
        let start = try events.next()
        guard case .documentStart(let hasDirectives) = start.kind else {
            return .nothing
        }
        if hasDirectives {
            try refuse(start.position, "found a % directive; directives are not allowed, remove the line")
        }
        let root = try node(try events.next(), depth: 1)
        _ = try events.next()  // the document's end
        let end = try events.next()
        guard case .streamEnd = end.kind else {
            throw YAMLFault(at: end.position, "found a second document (---); a file holds one")
        }
        return root
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLFault) -> YAMLNode {
        try admit(event, depth: depth)
        switch event.kind {
        case .scalar(let scalar): return YAMLNode(.scalar(scalar), at: event.position)
        case .sequenceStart: return YAMLNode(.sequence(try sequence(depth: depth)), at: event.position)
        case .mappingStart: return YAMLNode(.mapping(try mapping(depth: depth)), at: event.position)
        case .alias: return YAMLNode(.scalar(YAMLNode.Scalar("", isPlain: true)), at: event.position)
        default: throw YAMLFault(at: event.position, "expected text, a list or a mapping")
        }
    }

    private mutating func refuse(_ position: YAMLPosition, _ problem: String) throws(YAMLFault) {
        guard goesOn else { throw YAMLFault(at: position, problem) }
        problems.append(YAMLFault(at: position, problem))
    }

    private mutating func admit(_ event: YAMLEvent, depth: Int) throws(YAMLFault) {
        nodes += 1
        if nodes > limits.nodes {
            throw YAMLFault(at: event.position, "the file has more than \(limits.nodes) values, which is the limit")
        }
        if depth > limits.depth {
            throw YAMLFault(at: event.position, "nested deeper than \(limits.depth) levels, which is the limit")
        }
        if case .alias = event.kind {
            try refuse(event.position, "found an alias (*name); aliases are not allowed, write the value out")
        }
        if event.hasAnchor {
            try refuse(event.position, "found an anchor (&name); anchors are not allowed, remove it")
        }
        if event.hasTag {
            try refuse(event.position, "found a tag (!name); tags are not allowed, remove it")
        }
    }

    private mutating func sequence(depth: Int) throws(YAMLFault) -> [YAMLNode] {
        var result: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return result }
            result.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func mapping(depth: Int) throws(YAMLFault) -> [YAMLNode.Entry] {
        var result: [YAMLNode.Entry] = []
        var first: [String: YAMLPosition] = [:]
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { return result }
            let key = try key(event, depth: depth + 1)
            let earlier = key.flatMap { first[$0] }
            if let key, let earlier {
                try refuse(event.position, "found the key \"\(key)\" again, first at \(earlier); keep one")
            }
            let value = try node(try events.next(), depth: depth + 1)
            guard let key, earlier == nil else { continue }
            first[key] = event.position
            result.append(YAMLNode.Entry(key: key, at: event.position, value: value))
        }
    }

    /// `nil` for what is no key and was noted.
    private mutating func key(_ event: YAMLEvent, depth: Int) throws(YAMLFault) -> String? {
        guard case .scalar(let scalar) = event.kind else {
            if !goesOn { try admit(event, depth: depth) }
            if case .alias = event.kind {
            } else {
                try refuse(event.position, "found a list or mapping as a key; a key is text")
            }
            _ = try node(event, depth: depth)
            return nil
        }
        try admit(event, depth: depth)
        if scalar.isPlain, scalar.text == "<<" {
            try refuse(event.position, "found a merge key (<<); merging is not allowed, write the keys out")
            return nil
        }
        return scalar.text
    }
}
