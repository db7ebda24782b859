import HTTPServer
import JSON
import Telemetry

extension Routes {
    /// What load balancers, scrapers and people ask of a process; without a key, and without MongoDB.
    static func service(_ services: APIServices) -> [Route] {
        [
            Route("GET", "/", access: .open, answers: .index, "What this is, and where to go from here.") { _ in
                .json {
                    $0.field("name", "backchannel")
                    $0.field("version", services.version)
                    $0.field("links") {
                        $0.object {
                            if services.dashboard.files != nil { $0.field("dashboard", "/dashboard") }
                            $0.field("health", "/healthz")
                            $0.field("readiness", "/readyz")
                            $0.field("metrics", "/metrics")
                            $0.field("documentation", "/docs")
                            $0.field("openapi", "/openapi.json")
                            $0.field("messages", webhookPath + "/messages")
                            $0.field("analytics", webhookPath + "/analytics/messages")
                        }
                    }
                }
            },
            Route("GET", "/healthz", access: .open, answers: .health, "200: the process answers.") { _ in
                .json { $0.field("status", "ok") }
            },
            Route("GET", "/readyz", access: .open, answers: .readiness, "200 as long as events can be kept, else 503.")
            { request in
                let readiness = Readiness(services, now: request.now)
                return .json(readiness.isAccepting ? 200 : 503) { readiness.write(to: &$0) }
            },
            Route("GET", "/metrics", access: .open, answers: .metrics, "Figures of this process for Prometheus.") { _ in
                HTTPResponse(
                    status: 200,
                    headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                    body: Array(services.metrics.rendered().utf8)
                )
            },
        ]
    }
}
