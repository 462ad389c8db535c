import CEditLine

/// A pseudo-terminal that only libedit uses.
///
/// libedit restores canonical mode after each line; on the real terminal, the kernel would echo keys typed at that
/// moment.
struct PrivateTerminal: Sendable {
    let master: Int32
    let slave: Int32

    /// Creates a pseudo-terminal with the modes of the real one, because libedit uses the erase and kill characters
    /// from them.
    init(modes: termios) throws(TerminalError) {
        var descriptors: [Int32] = [-1, -1]
        let error = terminal_private(&descriptors)
        guard error == 0 else { throw .system(call: "openpt", errno: error) }
        (master, slave) = (descriptors[0], descriptors[1])
        var modes = modes
        tcsetattr(slave, TCSANOW, &modes)
    }

    func release() {
        close(slave)
        close(master)
    }
}

/// A typed interface to libedit, which is configured to draw nothing.
final class LibEdit {
    typealias Reader = @convention(c) (OpaquePointer?, UnsafeMutablePointer<wchar_t>?) -> Int32
    typealias Function = @convention(c) (OpaquePointer?, Int32) -> UInt8

    private let handle: OpaquePointer

    init?(program: String, terminal: PrivateTerminal, reader: @escaping Reader) {
        guard let handle = editline_open(program, terminal.slave, reader) else { return nil }
        self.handle = handle
    }

    deinit {
        editline_close(handle)
    }

    /// Sets the object that `client(of:)` returns to the reader and functions. It must outlive this editor.
    func setClient(_ client: AnyObject) {
        editline_set_client_data(handle, Unmanaged.passUnretained(client).toOpaque())
    }

    static func client<Client: AnyObject>(of handle: OpaquePointer?, as type: Client.Type) -> Client? {
        guard let handle, let data = editline_client_data(handle) else { return nil }
        return Unmanaged<Client>.fromOpaque(data).takeUnretainedValue()
    }

    /// Reads the user's `~/.editrc`.
    func source() {
        el_source(handle, nil)
    }

    var isVi: Bool { editline_is_vi(handle) }

    /// Registers a function. Binding a function that is not registered corrupts libedit's heap.
    func add(_ name: String, _ function: @escaping Function) {
        editline_add_function(handle, name, function)
    }

    func bind(_ key: String, to function: String, alternate: Bool = false) {
        editline_bind(handle, alternate, key, function)
    }

    /// Reads a line; nil when the reader or a function ended it.
    func readLine() -> [Unicode.Scalar]? {
        var count: Int32 = 0
        guard let line = el_wgets(handle, &count), count > 0 else { return nil }
        let text = Self.scalars(UnsafeBufferPointer(start: line, count: Int(count)))
        return text.last == "\n" ? text.dropLast() : text
    }

    private static func scalars(_ characters: UnsafeBufferPointer<wchar_t>) -> [Unicode.Scalar] {
        characters.map { Unicode.Scalar(UInt32(truncatingIfNeeded: $0)) ?? "\u{FFFD}" }
    }

    /// The line being edited.
    var text: [Unicode.Scalar] {
        let line = el_wline(handle).pointee
        guard let start = line.buffer, let end = line.lastchar else { return [] }
        return Self.scalars(UnsafeBufferPointer(start: start, count: end - start))
    }

    /// The index in `text` of the scalar at the cursor.
    var cursor: Int {
        let line = el_wline(handle).pointee
        guard let start = line.buffer, let cursor = line.cursor else { return 0 }
        return cursor - start
    }

    /// Makes libedit draw the line from scratch.
    ///
    /// In a text taller than the screen, a function that only moves the cursor leaves libedit with a wrong row, and it
    /// crashes when the row of a character typed next becomes full.
    func redraw() {
        editline_redraw(handle)
    }

    func moveCursor(by count: Int) {
        editline_move_cursor(handle, Int32(clamping: count))
    }

    func insert(_ text: some Sequence<Unicode.Scalar>) {
        var terminated = text.filter { $0 != "\0" }.map { wchar_t(truncatingIfNeeded: $0.value) }
        guard !terminated.isEmpty else { return }
        terminated.append(0)
        el_winsertstr(handle, terminated)
    }

    func deleteBeforeCursor(_ count: Int) {
        el_deletestr(handle, Int32(clamping: count))
    }

    func replace(with text: [Unicode.Scalar], cursor: Int) {
        let count = self.text.count
        moveCursor(by: count - self.cursor)
        deleteBeforeCursor(count)
        insert(text)
        moveCursor(by: cursor - self.cursor)
    }
}

extension String {
    /// Creates a string from scalars.
    init(_ scalars: [Unicode.Scalar]) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
