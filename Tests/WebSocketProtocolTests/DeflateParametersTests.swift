import ProcessSupport
import Testing

@testable import WebSocketProtocol

@Suite(.serialized, .fewAtATime) struct DeflateParametersTests {
    private static func parameters(
        server: Int = 15,
        client: Int = 15,
        serverAlone: Bool = false,
        clientAlone: Bool = false
    ) -> DeflateParameters {
        var parameters = DeflateParameters()
        parameters.serverMaxWindowBits = server
        parameters.clientMaxWindowBits = client
        parameters.serverNoContextTakeover = serverAlone
        parameters.clientNoContextTakeover = clientAlone
        return parameters
    }

    @Test(arguments: [
        (["permessage-deflate"], parameters()),
        (["permessage-deflate; server_no_context_takeover"], parameters(serverAlone: true)),
        (["permessage-deflate;client_no_context_takeover"], parameters(clientAlone: true)),
        (["permessage-deflate; server_max_window_bits=8"], parameters(server: 8)),
        (["permessage-deflate; client_max_window_bits=15"], parameters()),
        (["permessage-deflate ; client_max_window_bits = 9"], parameters(client: 9)),
        (["permessage-deflate; server_max_window_bits=\"10\""], parameters(server: 10)),
        (
            [
                "permessage-deflate; client_no_context_takeover; server_no_context_takeover; "
                    + "server_max_window_bits=11; client_max_window_bits=12"
            ], parameters(server: 11, client: 12, serverAlone: true, clientAlone: true)
        ),
    ])
    func `a server's answer is read`(values: [String], parameters: DeflateParameters) throws {
        #expect(try DeflateParameters.agreed(by: values, isOffered: true) == parameters)
    }

    @Test(arguments: [
        (["x-webkit-deflate-frame"], "\"x-webkit-deflate-frame\""),
        (["permessage-deflate, permessage-deflate"], "permessage-deflate"),
        (["permessage-deflate", "permessage-deflate"], "permessage-deflate"),
        (["permessage-deflate; server_max_window_bits"], "server_max_window_bits="),
        (["permessage-deflate; server_max_window_bits=7"], "server_max_window_bits=7"),
        (["permessage-deflate; server_max_window_bits=16"], "server_max_window_bits=16"),
        (["permessage-deflate; server_max_window_bits=09"], "server_max_window_bits=09"),
        (["permessage-deflate; client_max_window_bits"], "client_max_window_bits="),
        (["permessage-deflate; client_max_window_bits=x"], "client_max_window_bits=x"),
        (["permessage-deflate; server_no_context_takeover=1"], "server_no_context_takeover a value, \"1\""),
        (
            ["permessage-deflate; client_no_context_takeover; client_no_context_takeover"],
            "client_no_context_takeover"
        ),
        (["permessage-deflate; bogus"], "\"bogus\""),
        ([""], "malformed: \"\""), (["permessage-deflate;"], "malformed"), ([",,"], "malformed"),
        (["permessage-deflate; a=\"b c\""], "malformed"), (["permessage-deflate; a=\"b"], "malformed"),
    ])
    func `an answer that may not be is refused with the reason`(values: [String], words: String) {
        let error = #expect(throws: DeflateParameters.Invalid.self) {
            try DeflateParameters.agreed(by: values, isOffered: true)
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func `what was not offered is not agreed on`() throws {
        #expect(try DeflateParameters.agreed(by: [], isOffered: false) == nil)
        #expect(throws: DeflateParameters.Invalid.self) {
            try DeflateParameters.agreed(by: ["permessage-deflate"], isOffered: false)
        }
    }

    @Test(
        arguments: [
            ([], nil), (["x-y"], nil), (["permessage-deflate"], "permessage-deflate"),
            ([DeflateParameters.clientOffer], "permessage-deflate"),
            (["x-y, permessage-deflate"], "permessage-deflate"),
            (
                ["permessage-deflate; client_max_window_bits=10; server_max_window_bits=9"],
                "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10"
            ),
            (
                ["permessage-deflate; server_max_window_bits=99", "permessage-deflate; server_no_context_takeover"],
                "permessage-deflate; server_no_context_takeover"
            ),
            (["permessage-deflate; bogus, permessage-deflate; bogus=1"], nil), (["permessage-deflate; ;"], nil),
        ] as [([String], String?)]
    )
    func `a server takes the first offer that it can meet`(offers: [String], answer: String?) throws {
        let accepted = DeflateParameters.accepted(from: offers)
        #expect(accepted?.answer == answer)
        // What it answers, the client reads as the same.
        if let answer { #expect(try DeflateParameters.agreed(by: [answer], isOffered: true) == accepted) }
    }
}
