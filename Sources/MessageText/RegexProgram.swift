/// A regular expression compiled to instructions for `LinearRegex`.
struct RegexProgram: Sendable {
    /// A step of a match. All instructions except the first two consume no character.
    enum Instruction: Sendable {
        /// Consumes this ASCII character.
        case byte(UInt8)
        /// Consumes a character of this set.
        case set(Int)
        /// Continues at both instructions; the first has priority.
        case split(Int, Int)
        case jump(Int)
        /// Stores the current position in a slot.
        case save(Int)
        case assert(RegexSyntax.Assertion)
        /// Starts an iteration of a loop at this depth.
        case enter(Int)
        /// Ends an iteration of a loop at this depth, and continues at `exit` if the iteration was empty.
        case leave(Int, exit: Int)
        case match

        var takesCharacter: Bool {
            switch self {
            case .byte, .set: true
            case .split, .jump, .save, .assert, .enter, .leave, .match: false
            }
        }
    }

    /// An error for an expression that needs more instructions than `sizeLimit`.
    struct TooLarge: Error {}

    /// The maximum number of instructions times nested loops (plus one), which limits the time per character of a text.
    static let sizeLimit = 10_000

    private(set) var instructions: [Instruction] = []
    /// The number of parts compiled so far. Repeating an empty expression adds no instructions, but takes time as well.
    private var partCount = 0
    /// The number of surrounding loops whose iterations can be empty.
    private var depth = 0
    /// The maximum of `depth`.
    private(set) var loopDepth = 0

    /// Compiles an expression. Slots 0 and 1 store the start and end of the match, the next ones those of each group.
    init(_ syntax: RegexSyntax) throws(TooLarge) {
        instructions.append(.save(0))
        try compile(syntax)
        instructions += [.save(1), .match]
        guard instructions.count * (loopDepth + 1) <= Self.sizeLimit else { throw TooLarge() }
    }

    /// Whether the expression matches only at the start of the text.
    var isAnchored: Bool {
        if case .assert(.startOfText) = instructions[1] { true } else { false }
    }

    private mutating func compile(_ syntax: RegexSyntax) throws(TooLarge) {
        partCount += 1
        guard partCount <= Self.sizeLimit, instructions.count <= Self.sizeLimit else { throw TooLarge() }
        switch syntax {
        case .empty: break
        case .byte(let byte): instructions.append(.byte(byte))
        case .set(let index): instructions.append(.set(index))
        case .assertion(let assertion): instructions.append(.assert(assertion))
        case .sequence(let parts): for part in parts { try compile(part) }
        case .alternatives(let parts):
            var jumps: [Int] = []
            for part in parts.dropLast() {
                let split = reserve()
                try compile(part)
                jumps.append(reserve())
                instructions[split] = .split(split + 1, instructions.count)
            }
            try compile(parts[parts.count - 1])
            for jump in jumps { instructions[jump] = .jump(instructions.count) }
        case .capture(let number, let body):
            instructions.append(.save(2 + 2 * number))
            try compile(body)
            instructions.append(.save(3 + 2 * number))
        case .repeated(let body, let repetition): try compile(body, repetition)
        }
    }

    private mutating func compile(_ body: RegexSyntax, _ repetition: RegexSyntax.Repetition) throws(TooLarge) {
        let isLazy = repetition.isLazy
        guard let most = repetition.most else {
            let option = repetition.least == 0 ? reserve() : nil
            try compileLoop(body, atLeast: max(1, repetition.least), isLazy: isLazy)
            if let option { instructions[option] = branch(option + 1, instructions.count, isLazy: isLazy) }
            return
        }
        for _ in 0..<repetition.least { try compile(body) }
        var splits: [Int] = []
        for _ in repetition.least..<most {
            splits.append(reserve())
            try compile(body)
        }
        for split in splits { instructions[split] = branch(split + 1, instructions.count, isLazy: isLazy) }
    }

    /// Compiles a loop without an upper bound. As in backtracking, an empty iteration ends the loop.
    private mutating func compileLoop(_ body: RegexSyntax, atLeast least: Int, isLazy: Bool) throws(TooLarge) {
        let canBeEmpty = body.canBeEmpty
        var start = instructions.count
        var leaves: [Int] = []
        if canBeEmpty {
            depth += 1
            loopDepth = max(loopDepth, depth)
        }
        for _ in 0..<least {
            start = instructions.count
            if canBeEmpty { instructions.append(.enter(depth)) }
            try compile(body)
            if canBeEmpty { leaves.append(reserve()) }
        }
        instructions.append(branch(start, instructions.count + 1, isLazy: isLazy))
        for leave in leaves { instructions[leave] = .leave(depth, exit: instructions.count) }
        if canBeEmpty { depth -= 1 }
    }

    private func branch(_ body: Int, _ end: Int, isLazy: Bool) -> Instruction {
        isLazy ? .split(end, body) : .split(body, end)
    }

    /// Appends a placeholder for an instruction and returns its index.
    private mutating func reserve() -> Int {
        instructions.append(.match)
        return instructions.count - 1
    }
}
