/// Encodes internationalized domain names for DNS, TLS and HTTP (RFC 5890).
enum InternationalName {
    /// Returns a host name in which each label that is not ASCII is encoded as `xn--…` (RFC 3492).
    ///
    /// The name is converted to lowercase and to Unicode Normalization Form C, as RFC 5891, section 5.3, requires.
    /// Other mappings of UTS 46, such as full-width to ASCII letters, are not applied.
    static func encoded(_ host: String) -> String {
        guard !host.utf8.allSatisfy({ $0 < 0x80 }) else { return host }
        // The standard library has no public API for Normalization Form C.
        let normalized = String(decoding: host.lowercased()._nfcCodeUnits, as: UTF8.self)
        return normalized.split(separator: ".", omittingEmptySubsequences: false).map { label in
            label.utf8.allSatisfy { $0 < 0x80 } ? String(label) : "xn--" + punycode(Array(label.unicodeScalars))
        }.joined(separator: ".")
    }

    // The parameters in RFC 3492, section 5.
    private static let base = 36
    private static let tMin = 1
    private static let tMax = 26
    private static let skew = 38
    private static let damp = 700
    private static let initialBias = 72
    private static let initialN = 128

    /// The encoding procedure in RFC 3492, section 6.3.
    private static func punycode(_ label: [Unicode.Scalar]) -> String {
        var output = label.filter(\.isASCII).map { Character($0) }
        let basicCount = output.count
        if basicCount > 0 { output.append("-") }
        var (n, delta, bias, handled) = (initialN, 0, initialBias, basicCount)
        while handled < label.count {
            guard let next = label.map({ Int($0.value) }).filter({ $0 >= n }).min() else { break }
            delta += (next - n) * (handled + 1)
            n = next
            for scalar in label.map({ Int($0.value) }) {
                if scalar < n { delta += 1 }
                guard scalar == n else { continue }
                var q = delta
                var k = base
                while true {
                    let t = k <= bias ? tMin : k >= bias + tMax ? tMax : k - bias
                    guard q >= t else { break }
                    output.append(digit(t + (q - t) % (base - t)))
                    q = (q - t) / (base - t)
                    k += base
                }
                output.append(digit(q))
                bias = adapted(delta, handled + 1, isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            n += 1
        }
        return String(output)
    }

    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var k = 0
        while delta > (base - tMin) * tMax / 2 {
            delta /= base - tMin
            k += base
        }
        return k + (base - tMin + 1) * delta / (delta + skew)
    }

    private static func digit(_ value: Int) -> Character {
        Character(Unicode.Scalar(UInt8(value < 26 ? 97 + value : 22 + value)))
    }
}
