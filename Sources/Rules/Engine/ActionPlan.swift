import Chat

/// Gathers actions that rules want and leaves out those that a stronger one overrides.
///
/// One ban, one mute, one removal, one hold, one restriction: the strongest, then the one of higher priority, then the first. What is
/// removed is neither masked nor held nor restricted; what masks and sanitises is done together, unless a rewrite takes
/// the whole text.
struct ActionPlan {
    private struct Entry {
        let action: Action
        let planned: Decision.PlannedAction
        let priority: Int
    }

    private enum Slot: Hashable { case ban, mute, freeze, removal, refusal, review, restriction, rewrite }

    private var entries: [Entry] = []

    mutating func add(_ action: Action, _ planned: Decision.PlannedAction, priority: Int) {
        switch action {
        case .score, .label: return
        default: entries.append(Entry(action: action, planned: planned, priority: priority))
        }
    }

    var actions: [Decision.PlannedAction] {
        let isRemoved = entries.contains { Self.slot($0.action) == .removal }
        let entries = isRemoved ? entries.filter { !Self.isMoot(onRemoved: $0.action) } : entries
        var winners: [Slot: Int] = [:]
        for (place, entry) in entries.enumerated() {
            guard let slot = Self.slot(entry.action) else { continue }
            if let current = winners[slot], !Self.isStronger(entry, than: entries[current]) { continue }
            winners[slot] = place
        }
        return entries.enumerated().filter { place, entry in
            if let slot = Self.slot(entry.action) { return winners[slot] == place }
            return winners[.rewrite] == nil || !Self.isMoot(onRewritten: entry.action)
        }.map(\.element.planned)
    }

    private static func isMoot(onRemoved action: Action) -> Bool {
        switch action {
        case .hold, .restrict, .rewrite, .mask, .sanitise: true
        default: false
        }
    }

    private static func isMoot(onRewritten action: Action) -> Bool {
        switch action {
        case .mask, .sanitise: true
        default: false
        }
    }

    private static func slot(_ action: Action) -> Slot? {
        switch action {
        case .ban: .ban
        case .mute: .mute
        case .freeze: .freeze
        case .delete, .shadow: .removal
        case .refuse: .refusal
        case .hold, .flag: .review
        case .restrict: .restriction
        case .rewrite: .rewrite
        case .score, .label, .mask, .sanitise, .reply, .notify, .setFact, .count, .callWebhook: nil
        }
    }

    private static func isStronger(_ left: Entry, than right: Entry) -> Bool {
        (strength(left.action), left.priority) > (strength(right.action), right.priority)
    }

    private static func strength(_ action: Action) -> Int {
        switch action {
        case .delete(isHard: true): 3
        case .delete: 2
        case .shadow: 1
        case .hold(_, let severity): 10 + severity.rank
        case .flag(_, let severity): severity.rank
        case .ban(let order): (order.isOfChannel ? 0 : 2) + (order.isShadow ? 0 : 1)
        default: 0
        }
    }
}
