package import Chat
import History
package import Limits
package import MongoDB

/// Effects that wait once for each subject, such as the reminder of one user in one channel: while one waits, another
/// cause adds nothing; once it is over, the next cause lets the same row wait again, with its timeline going on.
///
/// A cause that comes when its time is over but it is not performed yet may come too late for it: that cause is kept in the
/// row (`next`), and the row waits anew for it should it end without being performed.
extension Effect {
    /// The write that lets it wait unless it does: part of the transaction that causes it.
    ///
    /// - Parameter latest: the time of the latest cause, which ``EffectKey/cancellationIfWaiting(through:by:_:at:)`` minds.
    /// - Returns: `nil` if nothing is to be written.
    package func renewal(
        _ mode: EffectMode,
        latest: Timestamp,
        order: Int64,
        _ limits: Limits.Outbox,
        at now: Timestamp
    ) -> MongoUpdate? {
        guard mode != .off else { return nil }
        let fresh = storedFields(mode, order: order, at: now)
        let isPending = fresh.string("state").flatMap(EffectState.init).map(EffectState.pending.contains) ?? false
        var stages = [BSONDocument()]
        stages[0].append("$replaceWith") {
            $0.append("$cond") { (choice: inout BSONArray) in
                choice.append { $0.append("$in", ofState: EffectState.pending) }
                choice.append { $0.appendMerged(raising: latest, next: isPending ? fresh : nil) }
                choice.append { $0.appendFresh(fresh, latest: latest, limits) }
            }
        }
        return MongoUpdate(filter: .id(key.description), stages: stages, upsert: true)
    }
}

extension Effect.EffectKey {
    /// The write that cancels it while it is scheduled, unless a cause came after `through`: part of the transaction that
    /// makes it pointless.
    package func cancellationIfWaiting(
        through: Timestamp,
        by caller: String,
        _ limits: Limits.Outbox,
        at now: Timestamp
    ) -> MongoUpdate {
        var filter = BSONDocument.id(description)
        filter.append("state", EffectState.scheduled.rawValue)
        filter.append("latest_at") { $0.append("$lte", date: through.milliseconds) }
        return MongoUpdate(filter: filter, update: OutboxStore.cancelling(caller, limits, at: now))
    }
}

extension OutboxStore {
    /// The stage that lets a row wait anew for its `next` cause, with `entry` at the end of its timeline so far.
    static func waitingAnew(after entry: TimelineEntry, _ limits: Limits.Outbox) -> BSONDocument {
        var literal = BSONDocument()
        literal.append("$literal") { entry.write(to: &$0) }
        var stage = BSONDocument()
        stage.append("$replaceWith") {
            $0.append("$mergeObjects") { (parts: inout BSONArray) in
                parts.append("$next")
                parts.append {
                    for field in ["_id", "latest_at"] { $0.append(field, "$\(field)") }
                    $0.append("timeline") {
                        $0.append("$slice") { (slice: inout BSONArray) in
                            slice.append {
                                $0.append("$concatArrays") { (lists: inout BSONArray) in
                                    lists.append { $0.appendPresent("$timeline") }
                                    lists.append { (ended: inout BSONArray) in ended.append(literal) }
                                    lists.append { $0.appendPresent("$next.timeline") }
                                }
                            }
                            slice.append(Int32(-limits.timelineEntries))
                        }
                    }
                }
            }
        }
        return stage
    }
}

extension EffectState {
    /// Whether it is still to come.
    fileprivate static let pending: [EffectState] = [.scheduled, .waiting, .running]
}

extension BSONDocument {
    fileprivate mutating func append(_ key: String, ofState states: [EffectState]) {
        append(key) { (array: inout BSONArray) in
            array.append("$state")
            array.append { (list: inout BSONArray) in for state in states { list.append(state.rawValue) } }
        }
    }

    /// The row as it is, with the time of its latest cause and, where its own time is over, with that cause.
    fileprivate mutating func appendMerged(raising latest: Timestamp, next: BSONDocument?) {
        append("$mergeObjects") { (parts: inout BSONArray) in
            parts.append("$$ROOT")
            parts.append {
                $0.append("latest_at") {
                    $0.append("$max") { (array: inout BSONArray) in
                        array.append("$latest_at")
                        array.append(date: latest.milliseconds)
                    }
                }
            }
            guard let next else { return }
            parts.append {
                $0.append("$cond") { (choice: inout BSONArray) in
                    choice.append { $0.append("$in", ofState: [.scheduled]) }
                    choice.append(BSONDocument())
                    choice.append { $0.append("next") { $0.append("$literal", next) } }
                }
            }
        }
    }

    /// A new row under the same key, with the old one's timeline before its own.
    fileprivate mutating func appendFresh(_ fields: BSONDocument, latest: Timestamp, _ limits: Limits.Outbox) {
        var fields = fields
        fields.append("latest_at", date: latest.milliseconds)
        let timeline = fields["timeline"] ?? .array(BSONDocument())
        append("$mergeObjects") { (parts: inout BSONArray) in
            parts.append { $0.append("_id", "$_id") }
            parts.append { $0.append("$literal", fields) }
            parts.append {
                $0.append("timeline") {
                    $0.append("$slice") { (slice: inout BSONArray) in
                        slice.append {
                            $0.append("$concatArrays") { (lists: inout BSONArray) in
                                lists.append { $0.appendPresent("$timeline") }
                                lists.append { $0.append("$literal", value: timeline) }
                            }
                        }
                        slice.append(Int32(-limits.timelineEntries))
                    }
                }
            }
        }
    }

    /// A list, or an empty one where there is none.
    fileprivate mutating func appendPresent(_ path: String) {
        append("$ifNull") { (array: inout BSONArray) in
            array.append(path)
            array.append { (_: inout BSONArray) in }
        }
    }
}
