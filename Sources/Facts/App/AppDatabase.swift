import Blocking
package import Limits
package import MongoDB
package import Telemetry

/// The app's own MongoDB, by a mapping: only read, from a secondary where there is one.
package struct AppDatabase: FactSource {
    private let pool: MongoPool
    private let mappings: [String: FactMapping]
    private let limits: Limits.Facts
    private let log: Log
    /// Kinds whose key was found not to be unique, and which were said to be.
    private let ambiguous = Locked<Set<String>>([])

    let origin = FactOrigin.app
    let isCached = true

    /// Connects at first use, not here.
    ///
    /// - Throws: ``MongoError/Kind/invalidArgument`` for an unusable address, or for a mapping without a database where
    ///   the address names none.
    package init(
        uri: String,
        mappings: [FactMapping],
        limits: Limits,
        log: Log
    ) throws(MongoError) {
        var connections = limits.mongo
        let watched = Set(mappings.map { [$0.database ?? "", $0.collection] }).count
        connections.poolConnections = limits.facts.poolConnections + watched
        connections.serverSelectionMilliseconds = limits.facts.serverSelectionMilliseconds
        pool = try MongoPool(uri: uri, appName: "backchannel", limits: connections, setting: "APP_MONGODB_URI")
        var named: [String: FactMapping] = [:]
        for var mapping in mappings {
            mapping.database = mapping.database ?? pool.defaultDatabase
            guard mapping.database != nil else {
                throw .refusal(
                    "facts of kind \(mapping.kind) have no database: name it in the mapping or in APP_MONGODB_URI"
                )
            }
            named[mapping.kind] = mapping
        }
        (self.mappings, self.limits, self.log) = (named, limits.facts, log)
    }

    func covers(_ kind: String) -> Bool { mappings[kind] != nil }

    func load(_ kind: String, _ ids: [String]) throws(FactSourceError) -> [String: FactRecord] {
        guard let mapping = mappings[kind], let database = mapping.database else { return [:] }
        var asked: [String: [String]] = [:]
        let filter = BSONDocument.among(mapping.key.joined(separator: ".")) { array in
            for id in ids {
                if let stored = mapping.keyType.append(id, to: &array) { asked[stored, default: []].append(id) }
            }
        }
        guard !asked.isEmpty else { return [:] }
        var found: [String: FactRecord] = [:]
        var doubled: Set<String> = []
        var documents = 0
        do throws(MongoError) {
            try pool.withConnection { connection throws(MongoError) in
                try connection.find(
                    mapping.collection,
                    filter,
                    in: database,
                    options: .init(
                        projection: mapping.projection,
                        limit: limits.queryKeys * 2,
                        maxTimeMS: limits.queryMilliseconds,
                        prefersSecondary: true
                    )
                ) { (document: BSONDocument) throws(MongoError) in
                    documents += 1
                    guard let (id, record) = mapping.read(document) else { return true }
                    if found.updateValue(record, forKey: id) != nil { doubled.insert(id) }
                    return true
                }
            }
        } catch {
            throw FactSourceError(reason: Self.explain(error))
        }
        if !doubled.isEmpty { warn(of: mapping, database) }
        guard documents < limits.queryKeys * 2 else {
            throw FactSourceError(
                reason: "\(database).\(mapping.collection): too many documents share a key; map a unique field as key"
            )
        }
        var records: [String: FactRecord] = [:]
        for (stored, record) in found where !doubled.contains(stored) {
            for id in asked[stored] ?? [] { records[id] = record }
        }
        return records
    }

    var watches: [FactWatch] {
        // One for each collection, however many kinds come from it.
        Dictionary(grouping: mappings.values) { [$0.database ?? "", $0.collection] }.values
            .map { FactWatch($0.sorted { $0.kind < $1.kind }, pool) }
    }

    /// Which of two documents is meant cannot be known: the fact is missing, and the operator is told once.
    private func warn(of mapping: FactMapping, _ database: String) {
        guard ambiguous.withLock({ $0.insert(mapping.kind).inserted }) else { return }
        log.warning(
            "facts: several documents have the same key and count as missing; map a unique field as key",
            [
                "kind": .init(mapping.kind), "collection": .init("\(database).\(mapping.collection)"),
                "key": .init(mapping.key.joined(separator: ".")),
            ]
        )
    }

    /// MongoDB's errors advise on the address of our own database.
    private static func explain(_ error: MongoError) -> String {
        error.description.replacing("MONGODB_URI", with: "APP_MONGODB_URI")
    }
}

extension FactWatch {
    /// - Parameter mappings: of one collection.
    fileprivate init(_ mappings: [FactMapping], _ pool: MongoPool) {
        let (first, database) = (mappings[0], mappings[0].database ?? "")
        // A change names the document by `_id`; any other key has to be read from the document.
        let otherKeys = Set(mappings.map(\.key)).subtracting([["_id"]])
        let paths = otherKeys.map { $0.joined(separator: ".") }.sorted()
        let kept = paths.isEmpty ? [] : paths.map { "fullDocument.\($0)" } + ["updateDescription"]
        self.init(
            origin: .app,
            name: "\(database).\(first.collection)",
            kinds: Set(mappings.map(\.kind)),
            collection: first.collection,
            pipeline: [.stage(keeping: ["operationType", "documentKey"] + kept)],
            looksUpDocuments: !otherKeys.isEmpty,
            open: { () throws(MongoError) in (pool, database) },
            touched: { change in
                let touched = mappings.map { $0.touched(by: change) }
                return touched.contains(nil) ? [.everything] : touched.compactMap(\.self).map { .key($0) }
            }
        )
    }
}

extension FactMapping {
    /// The thing that a change is about; `nil` where that cannot be told.
    func touched(by change: BSONDocument) -> FactKey? {
        let isByID = key == ["_id"]
        switch change.string("operationType") {
        case "insert": break
        case "update" where isByID || !changesKey(change): break
        case "replace" where isByID, "delete" where isByID: break
        default: return nil  // the key it had is not told
        }
        let place = change.document(isByID ? "documentKey" : "fullDocument")
        guard let element = place?.element(at: key), let id = keyType.id(of: element) else { return nil }
        return FactKey(kind: kind, id: id)
    }

    /// Whether an update touches the key, what is around it or what is in it.
    private func changesKey(_ change: BSONDocument) -> Bool {
        guard let description = change.document("updateDescription") else { return true }
        let path = key.joined(separator: ".")
        let updated = description.document("updatedFields")?.elements.map(\.key) ?? []
        let removed = (description.array("removedFields") ?? []).compactMap(\.string)
        return (updated + removed).contains { name in
            name == path || path.hasPrefix("\(name).") || name.hasPrefix("\(path).")
        }
    }
}
