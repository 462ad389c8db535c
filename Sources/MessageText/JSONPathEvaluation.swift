/// A type that evaluates a JSONPath on one document.
struct JSONPathEvaluation {
    typealias Node = JSONPath.Node

    private let root: JSONValue
    private let stepLimit: Int
    private var steps = 0
    /// The most recent regular expression taken from the document; its `regex` is nil if it is invalid.
    private var lastRegex: (source: String, isWhole: Bool, regex: InteroperableRegex?)?

    init(root: JSONValue, stepLimit: Int = JSONPath.stepLimit) {
        (self.root, self.stepLimit) = (root, stepLimit)
    }

    /// Returns the values that a path selects.
    ///
    /// - Parameters:
    ///   - query: the path.
    ///   - current: the value of `@`.
    /// - Returns: the values in RFC 9535 order.
    /// - Throws: `InvalidValue` if a limit is exceeded.
    mutating func nodes(of query: JSONPath.Query, at current: JSONValue) throws(InvalidValue) -> [Node] {
        var nodes = [Node(value: query.isRelative ? current : root, location: .root)]
        for segment in query.segments where !nodes.isEmpty {
            var selected: [Node] = []
            for node in nodes {
                if segment.isDescendant {
                    try selectInDescendants(segment.selectors, of: node, into: &selected)
                } else {
                    try select(segment.selectors, of: node, into: &selected)
                }
            }
            nodes = selected
        }
        return nodes
    }

    /// Adds to the number of evaluation steps, and throws if the limit is exceeded.
    private mutating func spend(_ count: Int) throws(InvalidValue) {
        steps += count
        guard steps <= stepLimit else {
            throw InvalidValue("the JSONPath takes more than \(stepLimit) steps; make it more specific")
        }
    }

    private func add(_ node: Node, to nodes: inout [Node]) throws(InvalidValue) {
        guard nodes.count < JSONPath.resultLimit else {
            throw InvalidValue("the JSONPath selects more than \(JSONPath.resultLimit) values; make it more specific")
        }
        nodes.append(node)
    }

    private mutating func selectInDescendants(
        _ selectors: [JSONPath.Selector],
        of node: Node,
        into nodes: inout [Node]
    ) throws(InvalidValue) {
        var open = [node]
        while let node = open.popLast() {
            try select(selectors, of: node, into: &nodes)
            open += try children(of: node).reversed()
        }
    }

    private mutating func select(
        _ selectors: [JSONPath.Selector],
        of node: Node,
        into nodes: inout [Node]
    ) throws(InvalidValue) {
        for selector in selectors {
            try spend(1)
            switch (selector, node.value) {
            case (.member(let name), .object(let members)):
                guard let value = JSONValue.member(name, of: members) else { continue }
                try add(Node(value: value, location: .member(node.location, name)), to: &nodes)
            case (.element(let position), .array(let elements)):
                let index = position < 0 ? position + elements.count : position
                guard elements.indices.contains(index) else { continue }
                try add(Node(value: elements[index], location: .element(node.location, index)), to: &nodes)
            case (.slice(let slice), .array(let elements)):
                for index in slice.indexes(count: elements.count) {
                    try spend(1)
                    try add(Node(value: elements[index], location: .element(node.location, index)), to: &nodes)
                }
            case (.wildcard, _): for child in try children(of: node) { try add(child, to: &nodes) }
            case (.filter(let filter), _):
                for child in try children(of: node) where try holds(filter, at: child.value) {
                    try add(child, to: &nodes)
                }
            case (.member, _), (.element, _), (.slice, _): continue
            }
        }
    }

    private mutating func children(of node: Node) throws(InvalidValue) -> [Node] {
        switch node.value {
        case .array(let elements):
            try spend(elements.count)
            return elements.enumerated().map { Node(value: $1, location: .element(node.location, $0)) }
        case .object(let members):
            try spend(members.count)
            return members.sorted { $0.key < $1.key }.map {
                Node(value: $0.value, location: .member(node.location, $0.key))
            }
        case .null, .bool, .number, .string: return []
        }
    }

    private mutating func holds(_ filter: JSONPath.Filter, at current: JSONValue) throws(InvalidValue) -> Bool {
        try spend(1)
        switch filter {
        case .any(let parts):
            for part in parts where try holds(part, at: current) { return true }
            return false
        case .all(let parts):
            for part in parts where try !holds(part, at: current) { return false }
            return true
        case .not(let filter): return try !holds(filter, at: current)
        case .exists(let query): return try !nodes(of: query, at: current).isEmpty
        case .comparison(let left, let comparison, let right):
            let (left, right) = (try value(of: left, at: current), try value(of: right, at: current))
            try spend(steps(toCompare: left, right))
            return comparison.holds(left, right)
        case .matches(let text, let expression, let isWhole):
            guard case .string(let text) = try value(of: text, at: current),
                let regex = try regex(expression, isWhole, at: current)
            else { return false }
            try spend(regex.steps(for: text))
            return regex.matches(text)
        }
    }

    /// Returns the cost of a comparison; arrays or objects of different sizes cost nothing.
    private func steps(toCompare left: JSONValue?, _ right: JSONValue?) -> Int {
        switch (left, right) {
        case (.string(let left), .string(let right)): min(left.utf8.count, right.utf8.count) / 16
        case (.array(let elements)?, .array(let others)?) where elements.count == others.count: left?.size ?? 0
        case (.object(let members)?, .object(let others)?) where members.count == others.count: left?.size ?? 0
        default: 0
        }
    }

    private mutating func value(
        of operand: JSONPath.Operand,
        at current: JSONValue
    ) throws(InvalidValue) -> JSONValue? {
        switch operand {
        case .literal(let value): return value
        case .node(let query): return try nodes(of: query, at: current).first?.value
        case .count(let query): return .number(JSONNumber("\(try nodes(of: query, at: current).count)"))
        case .value(let query):
            let nodes = try nodes(of: query, at: current)
            return nodes.count == 1 ? nodes[0].value : nil
        case .length(let operand):
            switch try value(of: operand, at: current) {
            case .string(let text):
                try spend(text.utf8.count / 16)
                return .number(JSONNumber("\(text.unicodeScalars.count)"))
            case .array(let elements): return .number(JSONNumber("\(elements.count)"))
            case .object(let members): return .number(JSONNumber("\(members.count)"))
            case .null, .bool, .number, nil: return nil
            }
        }
    }

    private mutating func regex(
        _ expression: JSONPath.Expression,
        _ isWhole: Bool,
        at current: JSONValue
    ) throws(InvalidValue) -> InteroperableRegex? {
        switch expression {
        case .literal(let regex): return regex
        case .operand(let operand):
            guard case .string(let source) = try value(of: operand, at: current) else { return nil }
            try spend(source.utf8.count / 16)
            if let lastRegex, lastRegex.isWhole == isWhole, lastRegex.source.hasSameCodePoints(as: source) {
                return lastRegex.regex
            }
            try spend(InteroperableRegex.stepsToCompile(source))
            let regex = try? InteroperableRegex(source, isWhole: isWhole)
            lastRegex = (source, isWhole, regex)
            return regex
        }
    }
}

extension JSONValue {
    /// The number of values, including nested ones, plus the number of 16-byte blocks in strings.
    fileprivate var size: Int {
        switch self {
        case .null, .bool, .number: 1
        case .string(let text): 1 + text.utf8.count / 16
        case .array(let elements): elements.reduce(1) { $0 + $1.size }
        case .object(let members): members.values.reduce(1) { $0 + $1.size }
        }
    }
}
