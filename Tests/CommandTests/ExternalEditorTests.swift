import Foundation
import ProcessSupport
import TerminalSupport
import TestSupport
import Testing

/// Messages written in the user's editor.
extension SessionCommandTests {
    @Test("An editor writes a message, which Enter then sends")
    func edit() async throws {
        let folder = try Folder()
        let editor = try folder.write(
            "#!/bin/sh\nstty -a | grep -o ' icanon'\nprintf 'first\\nsecond\\n' > \"$1\"\n",
            to: "editor"
        )
        let terminal = try await start(environment: ["EDITOR": "sh \(editor)"])
        try await terminal.send("/edit\r")
        try await terminal.wait(for: #"^ icanon\n> first\nsecond$"#)
        try await terminal.send(", changed\r")
        try await terminal.wait(for: #"^< first\n  second, changed$"#)
    }

    @Test(
        "Text written in an editor is not lost when the connection ends meanwhile",
        arguments: [
            (["--no-history"], #"^disconnected> written$"#),
            (["--exit"], #"^> written\nwsline: the unsent line is in the history"#),
        ] as [([String], String)]
    )
    func editWhileTheConnectionEnds(options: [String], shown: String) async throws {
        let folder = try Folder()
        let path = folder.path
        // The editor lets the server end the connection, and waits until it has ended.
        let editor = try folder.write(
            """
            #!/bin/sh
            printf written > "$1"
            touch \(path)/editing
            until grep -q '"event":"close"' \(path)/record; do sleep 0.01; done
            """,
            to: "editor"
        )
        try await RawServer.run { client in
            try await client.upgrade()
            while !FileManager.default.fileExists(atPath: path + "/editing") {
                try await Task.sleep(for: .milliseconds(5))
            }
            try await client.write(ServerFrame.close(4000))
        } _: { port in
            let terminal = try await start(
                options + ["--record", path + "/record", "127.0.0.1:\(port)"],
                environment: ["EDITOR": "sh \(editor)", "XDG_STATE_HOME": folder.path]
            )
            try await terminal.send("half a line\u{18}\u{5}")
            try await terminal.wait(for: shown)
            guard options == ["--exit"] else { return }
            #expect(try await terminal.exitStatus() == 2)
            #expect(try folder.read("wsline/history") == "written\n")
        }
    }

    @Test("Text saved by an editor that then fails stays in its file")
    func editorFailsLate() async throws {
        let folder = try Folder()
        let editor = try folder.write("printf 'precious\\n' > \"$1\"; exit 3\n", to: "editor")
        let terminal = try await start(environment: ["EDITOR": "sh \(editor)", "TMPDIR": folder.path], columns: 200)
        try await terminal.send("/edit\r")
        let screen = try await terminal.wait(for: "failed with status 3; the saved text is in /.*txt$")
        let words = try #require(screen.rows.first { $0.contains("failed with status 3") })
        let path = try #require(words.split(separator: " ").last)
        #expect(try String(contentsOfFile: String(path), encoding: .utf8) == "precious\n")
    }

    @Test("An editor that fails is named, and the session goes on")
    func editorFails() async throws {
        let terminal = try await start(environment: ["EDITOR": "false"])
        try await terminal.send("/edit\r")
        try await terminal.wait(for: "failed with status 1; the line is unchanged$")
        try await terminal.send("on\r")
        try await terminal.wait(for: "^< on$")
    }
}
