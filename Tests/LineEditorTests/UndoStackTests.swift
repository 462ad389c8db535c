import ProcessSupport
import Testing

@testable import LineEditor

@Suite(.fewAtATime) struct UndoStackTests {
    private func state(_ text: String, cursor: Int? = nil) -> UndoStack.State {
        let scalars = Array(text.unicodeScalars)
        return UndoStack.State(text: scalars, cursor: cursor ?? scalars.count)
    }

    @Test(
        "Each change can be undone, and consecutive typed characters count as one change",
        arguments: [
            (["a", "ab", "abc"], [""]), (["a", "ab", "ab ", "ab c", "ab cd"], ["ab ", "ab", ""]),
            (["pasted"], [""]), (["a", "", "b"], ["", "a", ""]), (["a", "a", "ab"], [""]), ([], []),
        ]
    )
    func changes(states: [String], undone: [String]) {
        var stack = UndoStack()
        for text in states { stack.note(state(text)) }
        for text in undone { #expect(stack.undo() == state(text)) }
        #expect(stack.undo() == nil)
    }

    @Test("A character typed at another position is a separate change, and undoing it restores the cursor")
    func elsewhere() {
        var stack = UndoStack()
        stack.note(state("ab"))
        stack.note(state("ab", cursor: 0))
        stack.note(state("cab", cursor: 1))
        #expect(stack.undo() == state("ab", cursor: 0))
    }

    @Test("Undoing is not a change itself")
    func afterUndo() {
        var stack = UndoStack()
        stack.note(state("one"))
        stack.note(state("one two"))
        stack.note(stack.undo() ?? state("wrong"))
        #expect(stack.undo() == state(""))
    }

    @Test("Changes of a large text take limited memory")
    func bound() {
        var stack = UndoStack()
        for number in 0..<100 { stack.note(state("\(number)" + String(repeating: "x", count: 100_000))) }
        #expect((1...UndoStack.bound / 100_000).contains(stack.count))
    }
}
