import ArgumentParser
import MessageText

/// The text of `wsline --help`: a summary and the most common options; `wsline help COMMAND` lists them all.
enum Overview {
    /// Describes what is wrong with a command line that asks for help on an unknown command.
    ///
    /// - Parameter arguments: the command line.
    /// - Returns: the error message; nil for any other command line.
    static func fault(in arguments: [String]) -> String? {
        let names = Wsline.commandNames
        guard arguments.first == "help", let name = arguments.dropFirst().first, !name.hasPrefix("-"), name != "help",
            !names.contains(name)
        else { return nil }
        let near = nearNames(to: name, of: names).first.map { "did you mean \($0)?" }
        return "unknown command \"\(name)\"; \(near ?? "commands: \(names.joined(separator: ", "))")"
    }

    /// Returns the page of `wsline help exit`; nil for any other command line.
    static func topic(_ arguments: [String]) -> String? {
        guard arguments == ["help", "exit"] || arguments == ["help", "statuses"] else { return nil }
        let rows = ExitStatus.all.map { ("\($0.code)", $0.summary) } + [("128+n", ExitStatus.signal(0).summary)]
        return "Exit statuses:\n\n"
            + rows.map { String(repeating: " ", count: 7 - $0.count) + $0 + "  " + $1 }.joined(separator: "\n")
    }

    /// The text, without a trailing newline.
    static var text: String {
        let commands = Wsline.configuration.subcommands.flatMap { command in
            (command.configuration.usage ?? "").split(separator: "\n").map { "  " + $0 }
                + ["      " + command.configuration.abstract]
        }
        return """
            \(Wsline.configuration.abstract)

            \(commands.joined(separator: "\n"))

            The URL is ws://…, wss://…, ws+unix:///SOCKET:/PATH, a host, @PROFILE of the
            configuration file, or echo: for the built-in echo server.

            At a terminal:  wsline wss://example.com/chat
            In a pipe:      wsline wss://example.com/feed < lines.txt
            One request:    wsline -1 -x '{"op":"status"}' wss://example.com/api
            As a check:     wsline -x hello --expect '{"ok":true}' wss://example.com/api

            Common options:
              -x, --execute <message>   send this message once connected
              -1, --one                 close after the first received message
              -w, --wait <seconds>      wait this long for replies at the end
              --expect <pattern>        fail unless a message matches TEXT, ~REGEX or {JSON}
              --pretty                  indent JSON
              --json                    print each event as a line of JSON
              -v, --verbose             print addresses, TLS and handshake (-vv: frames)
              -H, --header <name:value> send this header with the request
              -n, --no-check            accept any TLS certificate
              --reconnect [<n>]         reconnect when the connection is lost

            wsline help COMMAND lists all options of a command, wsline help exit the exit
            statuses. For the manual, see man wsline.
            """
    }
}
