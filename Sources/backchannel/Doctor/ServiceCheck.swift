import JSON

/// The running service: ready, and what it had to reject.
struct ServiceCheck {
    let service: ServiceClient

    func findings() async -> [Finding] {
        guard await service.answers() else {
            return [.warn("service", "none answers at \(service.address); start it, or give its address with --url")]
        }
        return [await readiness()] + (await rejections())
    }

    private func readiness() async -> Finding {
        guard let answer = await service.look("/readyz"), let body = try? JSONParser().parse(answer.body) else {
            return .fail("service", "/readyz gives no answer; look into its log")
        }
        let waiting = body["queue"]?["rows"]?.int64 ?? 0
        let mongo = body["mongodb"]?["state"]?.string ?? "unknown"
        let text = "\(service.address): \(waiting) events wait, MongoDB is \(mongo)"
        guard answer.status == 200 else {
            return .fail("service", "\(text); not accepting: \(body["detail"]?.string ?? "no reason given")")
        }
        if mongo == "refused" { return .fail("service", "\(text): \(detail(body))") }
        return mongo == "up" ? .ok("service", text) : .warn("service", "\(text): \(detail(body))")
    }

    private func detail(_ body: JSONValue) -> String { body["mongodb"]?["detail"]?.string ?? "no reason given" }

    private func rejections() async -> [Finding] {
        guard service.hasKey else {
            return [.warn("rejections", "cannot be asked for without a key; set ADMIN_API_KEY or give --api-key")]
        }
        do {
            let answer = try JSONParser().parse(try await service.send("GET", "/api/v1/rejections"))
            return causes(in: answer) + unusedSecrets(in: answer)
        } catch {
            return [.warn("rejections", "\(error)")]
        }
    }

    /// Each cause once, with its advice and when it last was.
    private func causes(in answer: JSONValue) -> [Finding] {
        var seen: Set<String> = []
        var found: [Finding] = []
        if let recent = answer["data"]?.array {
            for rejection in recent {
                guard let cause = rejection["cause"]?.string, seen.insert(cause).inserted else { continue }
                let count = answer["by_cause"]?[cause]?.int64 ?? 0
                let time = rejection["time"]?.string ?? "?"
                found.append(
                    .warn("rejections", "\(count) \(cause), last \(time): \(rejection["advice"]?.string ?? "")")
                )
            }
        }
        return found.isEmpty ? [.ok("rejections", "none since the service started")] : found
    }

    private func unusedSecrets(in answer: JSONValue) -> [Finding] {
        guard let secrets = answer["secrets"]?.array else { return [] }
        return secrets.compactMap { use in
            guard use["last_used"]?.isNull == true else { return nil }
            let key = use["api_key"]?.string ?? "a key without a name"
            return .ok("secrets", "the secret of \(key) has verified nothing since the service started")
        }
    }
}
