import ProcessSupport
import Testing

@testable import LineEditor

@Suite(.fewAtATime) struct HistoryTests {
    private func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }

    @Test func `the history keeps at most the limit and no consecutive duplicates`() {
        var history = History(limit: 2)
        for line in ["one", "two", "two", "", "three"] { history.add(scalars(line)) }
        #expect((0..<history.count).map { String(history[$0]) } == ["two", "three"])
    }

    @Test func `recalling entries keeps the half-typed line`() {
        var history = History(limit: 10)
        history.add(scalars("one"))
        #expect(history.move(by: 1, from: scalars("half")) == nil)
        #expect(history.move(by: -1, from: scalars("half")) == scalars("one"))
        #expect(history.move(by: -1, from: scalars("one")) == nil)
        #expect(history.move(by: 1, from: scalars("one")) == scalars("half"))
    }

    @Test(
        arguments: [
            ([:], Screen.Kind.dumb), (["TERM": "dumb"], .dumb), (["TERM": "xterm"], .full(reflows: true)),
            (["TERM": "xterm", "XTERM_VERSION": "XTerm(1)"], .full(reflows: false)),
            (["TERM": "tmux", "XTERM_VERSION": "XTerm(1)", "TMUX": "x"], .full(reflows: true)),
            (["TERM": "linux"], .full(reflows: false)),
        ] as [([String: String], Screen.Kind)]
    )
    func `the kind of terminal is detected from the environment`(_ environment: [String: String], _ kind: Screen.Kind) {
        #expect(TerminalKind.kind { environment[$0] } == kind)
    }
}
