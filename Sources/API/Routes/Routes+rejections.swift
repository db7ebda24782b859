import Chat
import HTTPServer
import JSON
import WebhookIngest

extension Routes {
    static func rejections(_ receiver: WebhookReceiver) -> [Route] {
        [
            Route(
                "GET",
                "/api/v1/rejections",
                access: .admin,
                answers: .rejections,
                "Deliveries that this process rejected since its start, and when each secret last verified one."
            ) { _ in
                .json { writer in
                    writer.field("data") {
                        $0.array {
                            for rejection in receiver.rejections.recent { $0.object { write(rejection, to: &$0) } }
                        }
                    }
                    writer.field("total", receiver.rejections.total)
                    writer.field("by_cause") {
                        $0.object {
                            for cause in RejectionCause.allCases {
                                $0.field(cause.rawValue, receiver.rejections.count(of: cause))
                            }
                        }
                    }
                    writer.field("secrets") {
                        $0.array {
                            for use in receiver.secretUses {
                                $0.object {
                                    $0.field("api_key", use.apiKey)
                                    $0.field("last_used", use.lastUsed?.roundedDownToMilliseconds)
                                }
                            }
                        }
                    }
                }
            }
        ]
    }

    private static func write(_ rejection: Rejection, to writer: inout JSONWriter) {
        writer.field("time", rejection.time.roundedDownToMilliseconds)
        writer.field("cause", rejection.cause.rawValue)
        writer.field("advice", rejection.cause.sentence)
        writer.field("status", rejection.status)
        writer.field("remote_address", rejection.remoteAddress)
        writer.field("api_key", rejection.apiKey)
        writer.field("content_length", rejection.contentLength)
    }
}
