import History
import MongoDB

/// MongoDB: reached, a replica set, ours, with its indexes, and without work left lying.
///
/// Blocking.
struct MongoCheck {
    let location: HistoryLocation
    let database: String

    func findings() -> [Finding] {
        do throws(HistoryError) {
            let store = try location.attach()
            return [.ok("MongoDB", "reached, a replica set, and database \(database) is ours")] + inside(store)
        } catch {
            switch error {
            case .noHistory: return [.warn("MongoDB", error.description)]
            case .mongo(let cause) where error.isTransient:
                return [.fail("MongoDB", "\(cause.description) Events are queued meanwhile.")]
            default: return [.fail("MongoDB", error.description)]
            }
        }
    }

    private func inside(_ store: HistoryStore) -> [Finding] {
        do throws(MongoError) {
            return [indexes(try store.indexDifference()), sweeps(try store.waitingSweeps())]
        } catch {
            return [.warn("MongoDB", error.description)]
        }
    }

    private func indexes(_ difference: IndexDifference) -> Finding {
        let missing = difference.missing.map { "\($0.collection.rawValue) \($0.name)" }
        guard missing.isEmpty else {
            return .fail("indexes", "missing: \(missing.joined(separator: ", ")); run 'backchannel indexes --create'")
        }
        let unknown = difference.unknown.map { "\($0.collection.rawValue) \($0.name)" }
        guard unknown.isEmpty else {
            return .warn("indexes", "not ours: \(unknown.joined(separator: ", ")); each slows every event down")
        }
        return .ok("indexes", "all there")
    }

    private func sweeps(_ waiting: [String]) -> Finding {
        guard let first = waiting.first else { return .ok("sweeps", "none waits") }
        return .warn("sweeps", "\(waiting.count) wait, first \(first); a running service works on them")
    }
}
