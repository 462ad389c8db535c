/// One run of a `LinearRegex` over a text.
struct RegexRun {
    /// The states of the expression at one position, in order of priority.
    private struct Threads {
        /// Indexes of instructions that take a character, or of `match`.
        var instructions: [Int] = []
        /// `slotCount` offsets for each of these.
        var slots: [Int] = []

        mutating func removeAll() {
            instructions.removeAll(keepingCapacity: true)
            slots.removeAll(keepingCapacity: true)
        }
    }

    private enum Visit {
        /// An instruction, and the number of loops around it, from outside, whose iteration has taken a character.
        case instruction(Int, progress: Int)
        /// Undoes a save when all that follows it has been visited.
        case restore(slot: Int, value: Int)
    }

    /// A position, and the characters on both sides of it.
    private struct Position {
        var offset: Int
        var before: CharacterReader.Unit
        var after: CharacterReader.Unit
    }

    private let regex: LinearRegex
    private let slotCount: Int
    private var current = Threads()
    private var next = Threads()
    /// The step in which each instruction was last reached, for each value of `progress`.
    private var lastStep: [Int]
    private var step = 0
    private var slots: [Int]
    private var visits: [Visit] = []
    /// The members of each set, and characters that are not, among those beyond ASCII.
    private var known: [[Character: Bool]]

    private static let knownLimit = 1024

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - regex: the expression.
    ///   - slotCount: the number of offsets wanted; with 0 the run ends as soon as there is any match.
    init(_ regex: LinearRegex, slotCount: Int) {
        self.regex = regex
        self.slotCount = slotCount
        lastStep = Array(repeating: -1, count: regex.program.instructions.count * (regex.program.loopDepth + 1))
        slots = Array(repeating: -1, count: slotCount)
        known = Array(repeating: [:], count: regex.classes.count)
    }

    /// Returns the slots of the first match in a text, or nil.
    mutating func match(_ text: String) -> [Int]? {
        var text = text
        text.makeContiguousUTF8()
        return text.utf8.withContiguousStorageIfAvailable {
            match(CharacterReader(text, $0, byScalar: regex.matchesScalars))
        } ?? nil
    }

    private mutating func match(_ reader: consuming CharacterReader) -> [Int]? {
        let isAnchored = regex.program.isAnchored
        var match: [Int]?
        var here = Position(offset: 0, before: .none, after: reader.next())
        start(at: here)
        swap(&current, &next)
        while !current.instructions.isEmpty || match == nil && !isAnchored {
            let there = Position(
                offset: reader.offset,
                before: here.after,
                after: here.after == .none ? .none : reader.next()
            )
            step += 1
            next.removeAll()
            if let found = advance(over: here.after, to: there) { match = found }
            if match != nil, slotCount == 0 || next.instructions.isEmpty { return match }
            guard here.after != .none else { return match }
            here = there
            // A later start has the lowest priority.
            if match == nil, !isAnchored { start(at: here) }
            swap(&current, &next)
        }
        return match
    }

    /// Moves the threads that take a character to the next position; returns the slots of a match that ends before it.
    private mutating func advance(over character: CharacterReader.Unit, to position: Position) -> [Int]? {
        for index in current.instructions.indices {
            let instruction = current.instructions[index]
            let takes: Bool
            switch regex.program.instructions[instruction] {
            case .byte(let byte): takes = character == .ascii(byte)
            case .set(let set): takes = contains(set, character)
            // The threads behind have a lower priority.
            case .match: return Array(current.slots[index * slotCount..<(index + 1) * slotCount])
            case .split, .jump, .save, .assert, .enter, .leave: takes = false
            }
            guard takes else { continue }
            for slot in 0..<slotCount { slots[slot] = current.slots[index * slotCount + slot] }
            follow(instruction + 1, at: position)
        }
        return nil
    }

    private mutating func start(at position: Position) {
        for slot in 0..<slotCount { slots[slot] = -1 }
        follow(0, at: position)
    }

    /// Appends the threads that come of an instruction without taking a character.
    private mutating func follow(_ first: Int, at position: Position) {
        let loopDepth = regex.program.loopDepth
        visits.append(.instruction(first, progress: loopDepth))
        while let visit = visits.popLast() {
            guard case .instruction(let index, let progress) = visit else {
                if case .restore(let slot, let value) = visit { slots[slot] = value }
                continue
            }
            let instruction = regex.program.instructions[index]
            // What follows a character doesn't depend on the progress before it.
            let state = index * (loopDepth + 1) + (instruction.takesCharacter ? 0 : progress)
            guard lastStep[state] != step else { continue }
            lastStep[state] = step
            switch instruction {
            case .jump(let target): visits.append(.instruction(target, progress: progress))
            case .split(let first, let second):
                visits.append(.instruction(second, progress: progress))
                visits.append(.instruction(first, progress: progress))
            case .save(let slot):
                if slot < slotCount {
                    visits.append(.restore(slot: slot, value: slots[slot]))
                    slots[slot] = position.offset
                }
                visits.append(.instruction(index + 1, progress: progress))
            case .assert(let assertion):
                if holds(assertion, at: position) { visits.append(.instruction(index + 1, progress: progress)) }
            case .enter(let depth): visits.append(.instruction(index + 1, progress: min(progress, depth - 1)))
            case .leave(let depth, let exit):
                visits.append(.instruction(progress < depth ? exit : index + 1, progress: progress))
            case .byte, .set, .match:
                next.instructions.append(index)
                next.slots += slots
            }
        }
    }

    private mutating func holds(_ assertion: RegexSyntax.Assertion, at position: Position) -> Bool {
        switch assertion {
        case .startOfText: position.before == .none
        case .endOfText: position.after == .none
        case .startOfLine: position.before == .none || contains(regex.newlineClass, position.before)
        case .endOfLine: position.after == .none || contains(regex.newlineClass, position.after)
        case .wordBoundary, .noWordBoundary:
            (contains(regex.wordClass, position.before) != contains(regex.wordClass, position.after))
                == (assertion == .wordBoundary)
        }
    }

    private mutating func contains(_ set: Int, _ unit: CharacterReader.Unit) -> Bool {
        switch unit {
        case .none: return false
        case .ascii(let byte): return regex.classes[set].contains(ascii: byte)
        case .other(let character):
            // The keys of a dictionary are equal when they are canonically equivalent; scalars are not.
            if regex.matchesScalars { return regex.classes[set].contains(character) }
            if let answer = known[set][character] { return answer }
            let answer = regex.classes[set].contains(character)
            if known[set].count < Self.knownLimit { known[set][character] = answer }
            return answer
        }
    }
}
