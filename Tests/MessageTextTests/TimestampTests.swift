import MessageText
import Testing

@Suite struct TimestampTests {
    @Test("A formatted time can be parsed")
    func roundTrip() throws {
        let microseconds = try #require(Timestamp.microseconds(rfc3339: Timestamp().rfc3339))
        let earlier = try #require(
            Timestamp.microseconds(rfc3339: Timestamp(nanosecondsAgo: 3_600_000_000_000).rfc3339)
        )
        #expect((3_599_000_000...3_600_000_000).contains(microseconds - earlier))
    }

    @Test("The local time has its offset from UTC")
    func local() throws {
        let time = Timestamp()
        let local = time.localRFC3339
        #expect(local.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d/) != nil, "\(local)")
        #expect(local.dropFirst(11).hasPrefix(time.timeOfDay))
    }

    @Test(
        "Only one format is parsed",
        arguments: [
            ("1970-01-01T00:00:01.000002Z", 1_000_002), ("2026-11-23T16:03:59.042117Z", 1_795_449_839_042_117),
            ("2026-11-23T16:03:59Z", nil), ("2026-11-23 16:03:59.042117Z", nil), ("", nil),
        ] as [(String, Int?)]
    )
    func format(text: String, microseconds: Int?) {
        #expect(Timestamp.microseconds(rfc3339: text) == microseconds)
    }
}
