/// The style sheet of `HTMLReport`, for wide and narrow screens and for light and dark mode.
enum HTMLStyle {
    static let sheet = """
        :root { color-scheme: light dark; --good: #1a7f37; --bad: #cf222e; --odd: #8250df; --sent: #0969da; --line: #8884; }
        @media (prefers-color-scheme: dark) {
          :root { --good: #3fb950; --bad: #ff7b72; --odd: #d2a8ff; --sent: #79c0ff; }
        }
        body { font: 16px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.4rem; margin: 0; }
        h2 { font-size: 1rem; margin: 1rem 0 .3rem; }
        h1.passed, .passed b { color: var(--good); }
        h1.failed, .failed b { color: var(--bad); }
        .flaky b { color: var(--odd); }
        .test { border-top: 1px solid var(--line); padding: .5rem 0; overflow-wrap: anywhere; }
        summary { cursor: pointer; display: flex; gap: .5rem; align-items: baseline; }
        summary span:first-of-type { flex: 1; }
        summary .time { white-space: nowrap; opacity: .7; }
        small { display: block; opacity: .7; }
        p { margin: .3rem 0; }
        .message { font-weight: 600; }
        pre, code, table { font: 13px/1.5 ui-monospace, monospace; }
        pre { white-space: pre-wrap; margin: .3rem 0; padding: .5rem; border: 1px solid var(--line); border-radius: .3rem; }
        .expected { color: var(--good); }
        pre .received { color: var(--bad); }
        .track { position: relative; height: 1rem; margin: 0 .4rem; }
        .track::before { content: ""; position: absolute; inset: .5rem 0 auto; border-top: 1px solid var(--line); }
        .track i { position: absolute; top: .2rem; width: .6rem; height: .6rem; margin-left: -.3rem; border-radius: 50%; }
        i.sent { background: var(--sent); }
        i.received { background: var(--good); }
        i.note { background: #888; }
        table { border-collapse: collapse; width: 100%; }
        td { vertical-align: top; padding: .1rem .5rem .1rem 0; }
        td:first-child { text-align: right; opacity: .7; width: 1%; white-space: nowrap; }
        td:nth-child(2) { width: 1%; }
        tr.sent td:nth-child(2) { color: var(--sent); }
        tr.received td:nth-child(2) { color: var(--good); }
        """
}
