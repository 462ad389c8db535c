// A test program with a `Terminal`, which executes commands from a FIFO, one per line, and writes events to a log. Its
// arguments are the paths of the FIFO and the log. Like wsline, it does not import Foundation, which would change what
// the main thread does.

import Dispatch
import LineEditor

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct Log: Sendable {
    let descriptor: Int32

    func write(_ line: String) {
        // Write each line with one call, so that the lines of several tasks do not mix.
        let bytes = Array((line + "\n").utf8)
        var count = 0
        while count < bytes.count {
            count += bytes[count...].withUnsafeBytes { writeBytes(descriptor, $0) }
        }
    }
}

func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    max(write(descriptor, bytes.baseAddress, bytes.count), 0)
}

/// Returns the lines of a file, which a separate thread reads.
func lines(of path: String) -> AsyncStream<String> {
    let (stream, continuation) = AsyncStream.makeStream(of: String.self)
    DispatchQueue(label: "playground.commands").async {
        let descriptor = open(path, O_RDWR)
        var pending: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            if count <= 0 { break }
            pending += bytes[..<count]
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                continuation.yield(String(decoding: pending[..<end], as: UTF8.self))
                pending.removeSubrange(...end)
            }
        }
    }
    return stream
}

extension Terminal {
    /// Prints lines and returns once there is room for more.
    func print(_ text: [UInt8]) async {
        await withCheckedContinuation { continuation in
            if print(text, whenRoom: { continuation.resume() }) { continuation.resume() }
        }
    }
}

/// The largest memory this process has had, in KiB.
func peakMemory() -> Int {
    var usage = rusage()
    #if canImport(Darwin)
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss / 1024
    #else
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
    #endif
}

@main
struct Playground {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let log = Log(descriptor: open(arguments[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600))
        if getenv("PLAYGROUND_IGNORE_HANGUP") != nil { signal(SIGHUP, SIG_IGN) }
        let prompt = getenv("PLAYGROUND_PROMPT").map { String(cString: $0) } ?? "> "
        let terminal: Terminal
        do throws(TerminalError) {
            terminal = try Terminal(Terminal.Configuration(prompt: prompt))
        } catch {
            log.write("failed \(error)")
            exit(3)
        }
        log.write("ready")

        Task {
            for await event in terminal.events {
                switch event {
                case .line(let text): log.write("line \(hexadecimal(text))")
                case .interrupt: log.write("interrupt")
                case .endOfInput: log.write("end")
                case .edit:
                    await terminal.lend { text in
                        log.write("edit \(hexadecimal(text))")
                        return nil
                    }
                case .unfinished(let text): log.write("unfinished \(hexadecimal(text))")
                }
            }
            log.write("finished")
        }
        for await command in lines(of: arguments[1]) {
            await perform(command.split(separator: " ", maxSplits: 1).map(String.init), terminal, log)
        }
    }

    static func perform(_ command: [String], _ terminal: Terminal, _ log: Log) async {
        let argument = command.count > 1 ? command[1] : ""
        switch command.first {
        case "print":
            await terminal.print(Array((argument.replacing("\\n", with: "\n").replacing("\\e", with: "\u{1B}")).utf8))
        case "prompt":
            terminal.setPrompt(argument)
        case "flood":
            let count = Int(argument) ?? 0
            for number in 0..<count { await terminal.print(Array("message \(number)".utf8)) }
        case "pace":
            let words = argument.split(separator: " ").compactMap { Int($0) }
            for number in 0..<words[0] {
                await terminal.print(Array("message \(number)".utf8))
                try? await Task.sleep(for: .seconds(1) / words[1])
            }
        case "memory":
            log.write("memory \(peakMemory())")
        case "columns":
            log.write("columns \(Terminal.columns(of: 1))")
        case "second":
            do throws(TerminalError) {
                _ = try Terminal()
            } catch {
                log.write("second \(error)")
            }
        case "shutdown":
            await terminal.shutdown()
        case "exit":
            exit(Int32(argument) ?? 0)
        case "handle-term":
            signal(SIGTERM, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
            source.setEventHandler { log.write("terminated") }
            source.resume()
            // Keep the source alive.
            _ = Unmanaged.passRetained(source as AnyObject)
        case "stop":
            kill(getpid(), SIGSTOP)
        case "crash":
            abort()
        default:
            log.write("unknown \(command)")
        }
        log.write("done \(command.first ?? "")")
    }

    static func hexadecimal(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
