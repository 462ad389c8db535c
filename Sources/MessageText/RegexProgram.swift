/// A regular expression as instructions for `LinearRegex`.
struct RegexProgram: Sendable {
    /// A step of a match; all but the first two take no character.
    enum Instruction: Sendable {
        /// Takes this ASCII character.
        case byte(UInt8)
        /// Takes a character of this set.
        case set(Int)
        /// Continues at both; the first has priority.
        case split(Int, Int)
        case jump(Int)
        /// Stores the position in a slot.
        case save(Int)
        case assert(RegexSyntax.Assertion)
        /// Starts an iteration of a loop at this depth.
        case enter(Int)
        /// Ends an iteration of a loop at this depth: continues at the exit if it has taken no character.
        case leave(Int, exit: Int)
        case match

        var takesCharacter: Bool {
            switch self {
            case .byte, .set: true
            case .split, .jump, .save, .assert, .enter, .leave, .match: false
            }
        }
    }

    /// The expression needs more instructions than `sizeLimit`.
    struct TooLarge: Error {}

    /// The maximum number of instructions, times the levels of loops that distinguish states; it bounds the time for each character of a text.
    static let sizeLimit = 10_000

    private(set) var instructions: [Instruction] = []
    /// The parts compiled so far: a repetition of nothing has no instructions, but takes time as well.
    private var partCount = 0
    /// The number of loops around the part that is compiled whose iterations can be empty.
    private var depth = 0
    /// The maximum of `depth`.
    private(set) var loopDepth = 0

    /// Compiles an expression. Slots 0 and 1 are the start and the end of the match; each group has two more.
    init(_ syntax: RegexSyntax) throws(TooLarge) {
        instructions.append(.save(0))
        try compile(syntax)
        instructions += [.save(1), .match]
        guard instructions.count * (loopDepth + 1) <= Self.sizeLimit else { throw TooLarge() }
    }

    /// Whether a match can only start at the start of the text.
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

    /// Compiles a loop without an upper bound. As in backtracking, an iteration that takes no character is the last.
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

    /// Appends an instruction that is set later, and returns its index.
    private mutating func reserve() -> Int {
        instructions.append(.match)
        return instructions.count - 1
    }
}
