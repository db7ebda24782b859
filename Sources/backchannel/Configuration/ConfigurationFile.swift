import Spelling
import YAML

/// Settings from the YAML file: a mapping of the same names.
enum ConfigurationFile {
    static func values(of source: ConfigurationSource, _ faults: inout [ConfigurationError.Fault]) -> [FoundValue] {
        guard let (name, bytes) = source.file else { return [] }
        do throws(YAMLError) {
            let document = try YAMLDocument(bytes, file: name)
            guard !document.root.isNull else { return [] }
            guard let entries = document.root.mapping else {
                let problem = "found \(document.root.kind); allowed: settings, one 'NAME: value' a line"
                throw document.error(at: document.root.position, problem)
            }
            return entries.compactMap { value(of: $0, in: document, &faults) }
        } catch {
            faults.append(.init(place: "\(error.file):\(error.position)", problem: error.problem))
            return []
        }
    }

    private static func value(
        of entry: YAMLNode.Entry,
        in document: YAMLDocument,
        _ faults: inout [ConfigurationError.Fault]
    ) -> FoundValue? {
        func refuse(_ position: YAMLPosition, _ problem: String) -> FoundValue? {
            faults.append(.init(place: "\(document.file):\(position)", problem: problem))
            return nil
        }
        let setting = Setting.all.first { $0.name == entry.key || $0.aliases.contains(entry.key) }
        guard let setting else {
            if entry.key == Setting.fileVariable {
                return refuse(entry.keyPosition, "\(entry.key) belongs in the environment: it names this file")
            }
            let suggestion = Suggestion.text(for: entry.key, among: Setting.names)
            return refuse(entry.keyPosition, "\(entry.key) is not a setting\(suggestion)")
        }
        guard !entry.value.isNull else { return nil }
        guard let content = content(of: entry.value, setting.shape, document.file) else {
            let problem = "\(entry.key) is \(entry.value.kind); allowed: \(setting.shape.allowed)"
            return refuse(entry.value.position, problem)
        }
        return FoundValue(name: entry.key, place: "\(document.file):\(entry.value.position)", content: content)
    }

    private static func content(of node: YAMLNode, _ shape: Setting.Shape, _ file: String) -> FoundValue.Content? {
        switch shape {
        case .text: return node.text.map { .text($0) }
        case .list:
            guard let items = node.sequence else { return nil }
            let texts = items.compactMap(\.text)
            return texts.count == items.count ? .list(texts) : nil
        case .pairs:
            guard let entries = node.mapping else { return nil }
            let pairs = entries.compactMap { entry in entry.value.text.map { (entry.key, $0) } }
            return pairs.count == entries.count ? .pairs(pairs) : nil
        case .section: return node.mapping.map { _ in .section(node, file: file) }
        }
    }
}

extension Setting.Shape {
    fileprivate var allowed: String {
        switch self {
        case .text: "one text or number"
        case .list: "a list of texts"
        case .pairs: "a mapping of key to secret"
        case .section: "a mapping; see docs/configuration.md"
        }
    }
}
