import Analytics
import Chat
import MongoDB

/// Compares everything that figures are read from with the history.
///
/// Blocking.
struct FigureAudit {
    let moments: Moments
    /// From when on figures are to be kept; `nil`: as it is noted that they are.
    let kept: [FigureLevel: Quarter]?

    func run(_ each: (Difference) -> Void) throws(MongoError) -> (rollups: Int, people: Int, channels: Int) {
        for scope in RollupScope.ofMessages + [.reactions] {
            try moments.scan { (scan) throws(MongoError) in
                let audit = RollupAudit(scan: scan, scope: scope, since: try since(scan, scope.level))
                try audit.forEachRow { each($0.difference(scope)) }
            }
        }
        var (people, position) = (0, String?.none)
        repeat {
            let (count, last) = try moments.scan { (scan) throws(MongoError) in
                try PeopleAudit(scan: scan).page(after: position) { stored, expected in
                    if let difference = stored.difference(from: expected) { each(difference) }
                }
            }
            people += count
            position = last
        } while position != nil
        let rollups = try moments.scan { (scan) throws(MongoError) in
            try compareCounts(scan, each)
            return try count(scan)
        }
        var channels = 0
        repeat {
            let (count, last) = try moments.scan { (scan) throws(MongoError) in
                let audit = ConversationAudit(scan: scan, since: try since(scan, .answers))
                return try audit.page(after: position) { _, difference in each(difference) }
            }
            channels += count
            position = last
        } while position != nil
        try moments.pages { (scan, position) throws(MongoError) in
            try ConversationTimeAudit(scan: scan).page(after: position) { each($1) }
        }
        return (rollups, people, channels)
    }

    private func since(_ scan: HistoryScan, _ level: FigureLevel?) throws(MongoError) -> Quarter? {
        guard let level else { return nil }
        if let kept { return kept[level] }
        return try FigureNote(scan.connection, scan.database).state(scan.session).since[level]
    }

    private func compareCounts(_ scan: HistoryScan, _ each: (Difference) -> Void) throws(MongoError) {
        let audit = PeopleAudit(scan: scan)
        // Of a zone that was added, and of which no rebuild has counted the past, too little is known to be wrong.
        let kept = try FigureNote(scan.connection, scan.database).state(scan.session).zones
        let zones = scan.settings.zones.filter { kept.contains($0.identifier) }
        let (stored, expected) = (try audit.storedCounts(), try audit.expectedCounts(zones))
        for key in Set(stored.keys).union(expected.keys) where kept.contains(key.id) {
            let (old, new) = (stored[key] ?? [:], expected[key] ?? [:])
            guard let cell = Set(old.keys).union(new.keys).first(where: { old[$0, default: 0] != new[$0, default: 0] })
            else { continue }
            each(RollupAudit.Row(key, cell, stored: old[cell] ?? 0, expected: new[cell] ?? 0).difference(.people))
        }
    }

    private func count(_ scan: HistoryScan) throws(MongoError) -> Int {
        var count = 0
        try scan.connection.aggregate(
            Collection.rollups.rawValue,
            [Expression.stage("$count", .string("n"))],
            in: scan.database,
            session: scan.session
        ) { (row: BSONDocument) throws(MongoError) in
            count = Int(row.int64("n") ?? 0)
            return true
        }
        return count
    }
}
