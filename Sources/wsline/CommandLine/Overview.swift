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
        return "there is no command \"\(name)\"; \(near ?? "there are \(names.joined(separator: ", "))")"
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

            A URL is ws://…, wss://…, ws+unix:///SOCKET:/PATH, a host alone, or echo: for a
            server inside wsline that sends everything back.

            By hand:      wsline wss://example.com/chat
            In a pipe:    wsline wss://example.com/feed < lines.txt
            In a script:  wsline -1 -x '{"op":"status"}' wss://example.com/api
            As a check:   wsline -x hello --expect '{"ok":true}' wss://example.com/api

            The options needed most:
              -x, --execute <message>   send it once connected; may be repeated
              -1, --one                 close after one received message
              -w, --wait <seconds>      wait this long for replies at the end
              --expect <pattern>        fail unless a message is TEXT, ~REGEX or {JSON}
              --pretty                  indent JSON
              --json                    print each event as a line of JSON
              -v, --verbose             show addresses, TLS and handshake; -vv: each frame
              -H, --header <name:value> send this header with the request
              -n, --no-check            accept any TLS certificate
              --reconnect [<n>]         connect again when the connection is lost

            wsline help connect lists them all, as does the manual: man wsline
            """
    }
}
