/// Earlier states of the text being edited. Consecutive typed characters count as one change.
struct UndoStack {
    /// A text with a cursor position.
    struct State: Equatable {
        var text: [Unicode.Scalar] = []
        var cursor = 0
    }

    /// The maximum number of scalars to keep in all states.
    static let bound = 1 << 20

    private var current = State()
    private var earlier: [State] = []
    private var size = 0
    private var isTyping = false

    /// The number of states to return to.
    var count: Int { earlier.count }

    /// Notes the text as it is before the next key; returns whether the last key changed it.
    @discardableResult mutating func note(_ state: State) -> Bool {
        defer { current = state }
        guard state.text != current.text else { return false }
        let isTyped = isOneMoreScalar(state)
        defer { isTyping = isTyped }
        if isTyping, isTyped { return true }
        earlier.append(current)
        size += current.text.count
        while size > Self.bound, earlier.count > 1 { size -= earlier.removeFirst().text.count }
        return true
    }

    /// Returns the state before the last change; nil if there is none.
    mutating func undo() -> State? {
        guard let state = earlier.popLast() else { return nil }
        size -= state.text.count
        (current, isTyping) = (state, false)
        return state
    }

    private func isOneMoreScalar(_ state: State) -> Bool {
        state.text.count == current.text.count + 1 && state.cursor == current.cursor + 1
            && state.text[current.cursor..<state.cursor] != [" "]
    }
}
