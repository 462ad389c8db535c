import Foundation
import ProcessSupport
import TestSupport
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// `wsline serve`, with our own client at the other end.
@Suite(.fewAtATime) struct ServeTests {
    /// Runs a server while `body` uses it, then interrupts it.
    private func serve(
        _ arguments: [String],
        _ body: (_ url: String) async throws -> Void
    ) async throws -> (said: String, result: ProgramResult) {
        let server = try Program("wsline", arguments)
        let said = await server.readErrorLine()
        let url = try #require(said.firstMatch(of: /ws:\/\/[^ ]+/)).output
        do {
            try await body(String(url))
        } catch {
            server.signal(SIGKILL)
            throw error
        }
        server.signal(SIGINT)
        return (said, await server.result())
    }

    @Test(
        "serve --echo sends back what clients send, compressed or not, on the address asked for",
        arguments: [
            ["serve", "--echo", "0"], ["serve", "--echo", "--no-compress", "0"], ["serve", "--echo", "localhost:0"],
            ["-l", "0", "--echo"],
        ]
    )
    func echo(arguments: [String]) async throws {
        let lines = Data((1...2000).map { "{\"id\":\($0),\"text\":\"äöü\"}\n" }.joined().utf8)
        let (said, end) = try await serve(arguments) { url in
            for options in [[], ["--no-compress"]] {
                let result = try await Program.run(options + ["--count", "2000", url], input: lines)
                #expect(result.status == 0, "\(result)")
                #expect(result.output == lines, "\(result)")
            }
        }
        #expect(said.hasPrefix("wsline: listening on ws://"))
        #expect(end.status == 130, "\(end)")
        #expect(end.error == "", "\(end)")
    }

    @Test("Compression is agreed on only with --no-compress absent, and shown by -v")
    func compression() async throws {
        for (arguments, words) in [([], "permessage-deflate"), (["--no-compress"], nil)] as [([String], String?)] {
            _ = try await serve(["serve", "--echo", "0"] + arguments) { url in
                let result = try await Program.run(["-v", "-x", "hi", "-1", url])
                let answered = result.error.firstMatch(of: /< Sec-WebSocket-Extensions: ([^\n]*)/)
                #expect(answered.map { String($0.output.1) } == words, "\(result)")
            }
        }
    }

    @Test("A client that breaks the protocol, or sends too much, gets the close code and its own exit status")
    func limits() async throws {
        _ = try await serve(["serve", "--echo", "--max-message-size", "1K", "0"]) { url in
            let result = try await Program.run(["-x", String(repeating: "a", count: 1025), url])
            #expect(result.status == 2, "\(result)")
            #expect(result.error.contains("1009"), "\(result)")
        }
    }

    @Test("An address that is not this machine's or not free is told in one line")
    func refusedAddresses() async throws {
        _ = try await serve(["serve", "--echo", "0"]) { url in
            let address = url.trimmingPrefix("ws://").dropLast()
            for (arguments, status, words) in [
                ([String(address)], 69, "another program listens there"), (["192.0.2.1:0"], 69, "cannot listen on"),
                (["host.invalid:0"], 68, "\"host.invalid\" has no address"), (["70000"], 64, "70000"),
            ] as [([String], Int32, String)] {
                let result = try await Program.run(["serve", "--echo"] + arguments)
                #expect(result.status == status, "\(result)")
                #expect(result.error.contains(words), "\(result)")
                #expect(result.error.split(separator: "\n").count == 1, "\(result)")
            }
        }
    }

    @Test("Listening beyond this machine is said")
    func otherMachines() async throws {
        let server = try Program("wsline", ["serve", "--echo", "0.0.0.0:0"])
        _ = await server.readErrorLine()
        let second = await server.readErrorLine()
        server.signal(SIGTERM)
        #expect(second.contains("other machines can connect"))
        #expect(await server.result().status == 143)
    }
}
