extension Configuration {
    /// Checks everything and builds the configuration.
    ///
    /// - Throws: ``ConfigurationError`` with every fault of the file, the environment, and what `purpose` misses.
    init(from source: ConfigurationSource, for purpose: Purpose) throws(ConfigurationError) {
        self.init()
        var faults: [ConfigurationError.Fault] = []
        let file = ConfigurationFile.values(of: source, &faults)
        let environment = EnvironmentVariables.values(of: source, &faults)
        for setting in Setting.all {
            // The environment wins as a whole: an alias there beats the name itself in the file.
            let found = setting.choose(from: environment, &faults) ?? setting.choose(from: file, &faults)
            guard let found else { continue }
            do throws(SettingProblem) {
                try setting.assign(found.content, &self)
            } catch {
                let whole = found.fault("\(setting.shown(found)); allowed: \(error.allowed)")
                faults += error.faults.isEmpty ? [whole] : error.faults
            }
        }
        if faults.isEmpty {
            faults = missing(for: purpose) + factFaults + userFaults + notifications.faults + addressFaults
        }
        guard faults.isEmpty else { throw ConfigurationError(faults: faults) }
    }

    /// Looked for only in what is otherwise right, and the first alone: a misspelt name is one fault, not two.
    private func missing(for purpose: Purpose) -> [ConfigurationError.Fault] {
        guard purpose != .asking else { return [] }
        var problem: String?
        if signingSecrets.isEmpty {
            problem = """
                no secret is set, so no signature could be checked and anyone could write history; \
                set GETSTREAM_API_KEY and GETSTREAM_API_SECRET from the provider's dashboard
                """
        } else if purpose == .serving, provider.apiKey == nil, provider.apiSecret != nil {
            problem = "GETSTREAM_API_SECRET is set without GETSTREAM_API_KEY; the dashboard shows them together"
        } else if purpose == .serving, provider.apiKey != nil, provider.apiSecret == nil {
            problem = "GETSTREAM_API_KEY is set without GETSTREAM_API_SECRET; the dashboard shows them together"
        }
        return problem.map { [.init(place: "configuration", problem: $0)] } ?? []
    }
}

extension Configuration {
    private var factFaults: [ConfigurationError.Fault] {
        guard !facts.mappings.isEmpty, facts.appMongoURI == nil else { return [] }
        let problem = "FACTS maps kinds to the app's database and APP_MONGODB_URI is not set; set it or remove FACTS"
        return [.init(place: "configuration", problem: problem)]
    }
}

extension Setting {
    /// The value found under the setting's name or an alias; two that differ are a fault.
    fileprivate func choose(
        from values: [FoundValue],
        _ faults: inout [ConfigurationError.Fault]
    ) -> FoundValue? {
        let found = values.filter { $0.name == name || aliases.contains($0.name) }
        for other in found.dropFirst() where other.content != found.first?.content {
            faults.append(other.fault("\(other.name) and \(name) mean the same but differ; keep one"))
        }
        return found.first { $0.name == name } ?? found.first
    }

    /// Name and value, as far as the value may be shown.
    fileprivate func shown(_ found: FoundValue) -> String {
        guard !isSecret else { return "\(found.name) has a value that is not accepted" }
        switch found.content {
        case .text(let text): return "\(found.name) is \"\(text.prefix(80))\""
        case .list(let items): return "\(found.name) is [\(items.joined(separator: ", ").prefix(160))]"
        case .pairs: return "\(found.name) holds pairs"
        case .section: return "\(found.name) is a section"
        }
    }
}

extension FoundValue {
    func fault(_ problem: String) -> ConfigurationError.Fault { .init(place: place, problem: problem) }
}
