import WebSocketClient
struct InteractiveSession {
    let plan: SessionPlan
    let url: WebSocketURL
    let connection: Connection
    func run() async throws {}
}
