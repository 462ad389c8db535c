import ArgumentParser

/// Shell completion scripts.
///
/// ArgumentParser's scripts complete options only after the name of a command; the lines added here insert `connect`
/// where none was typed.
enum CompletionScript {
    /// Returns a completion script with our lines inserted.
    ///
    /// - Parameters:
    ///   - script: the script that ArgumentParser generated.
    ///   - shell: the shell that the script is for.
    /// - Returns: the script to install.
    static func completingConnect(_ script: String, for shell: CompletionShell) -> String {
        guard let (anchor, lines) = additions[shell.rawValue],
            let start = script.firstRange(of: anchor)
        else { return script }
        return script[..<start.upperBound] + lines + script[start.upperBound...]
    }

    /// The names of all commands, including ArgumentParser's own.
    private static var commands: String { (Wsline.commandNames + ["help"]).joined(separator: " ") }

    /// For each shell, a line of its script and the lines to insert after it.
    private static var additions: [String: (after: String, lines: String)] {
        [
            "bash": (
                "\n_wsline() {\n",
                """
                    # Bash splits words at colons, which URLs contain, and at the = of an option.
                    local -a words=()
                    local rest="${COMP_LINE}" word space
                    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
                        space="${rest%%[![:space:]]*}"
                        rest="${rest#"${space}"}"
                        if [[ "${#words[@]}" -eq 0 || -n "${space}" ]]; then
                            words+=("${word}")
                        elif [[ "${word}" = "=" && "${words[${#words[@]}-1]}" = --* ]]; then
                            words+=("")
                        else
                            words[${#words[@]}-1]+="${word}"
                        fi
                        rest="${rest#"${word}"}"
                    done
                    # There are no completions inside a URL or a header.
                    [[ "${words[${#words[@]}-1]}" != *:* ]] || return 0
                    # Without a command, complete for connect.
                    if [[ " \(commands) " != *" ${words[1]} "* && ("${#words[@]}" -gt 2 || "${words[1]}" = [-@]*) ]]; then
                        words=("${words[0]}" connect "${words[@]:1}")
                    fi
                    local -a COMP_WORDS=("${words[@]}")
                    local -i COMP_CWORD="${#words[@]}-1" COMP_POINT
                    local COMP_LINE="${words[*]}"
                    COMP_POINT="${#COMP_LINE}"
                    set -- "${1}" "${words[COMP_CWORD]}" "${words[COMP_CWORD-1]}"


                """
            ),
            "zsh": (
                "\n    unsetopt aliases banghist\n",
                """

                    # Without a command, complete for connect.
                    if [[ " \(commands) " != *" ${words[2]} "* ]] && { ((CURRENT > 2)) || [[ "${words[2]}" = [-@]* ]] }; then
                        words=("${words[1]}" connect "${(@)words[2,-1]}")
                        ((CURRENT++))
                    fi

                """
            ),
            "fish": (
                "\n    set -l unparsed_tokens (__wsline_tokens -pc)\n",
                """
                    # Without a command, complete for connect.
                    if not contains -- "$unparsed_tokens[2]" \(commands)
                        if test (count $unparsed_tokens) -gt 1; or string match -qr -- '^[-@]' (commandline -t)
                            set unparsed_tokens $unparsed_tokens[1] connect $unparsed_tokens[2..]
                        end
                    end

                """
            ),
        ]
    }
}
