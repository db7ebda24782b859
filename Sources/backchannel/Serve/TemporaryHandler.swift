import HTTPServer
import Telemetry
import WebhookIngest

struct TemporaryHandler: HTTPHandler {
    let receiver: WebhookReceiver
    let metrics: Metrics
    func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        head.path.hasSuffix("getstream") ? receiver.admit(head) : .accept(bodyBytes: 0)
    }
    func handle(_ exchange: HTTPExchange) {
        if exchange.head.path.hasSuffix("getstream") { return receiver.receive(exchange) }
        exchange.respond(HTTPResponse(status: 200, body: Array(metrics.rendered().utf8)))
    }
    func tooLarge(_ head: HTTPRequestHead, limit: Int) -> HTTPResponse { receiver.tooLarge(head, limit: limit) }
}
