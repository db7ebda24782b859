import Limits

/// An item of the review queue: a message or a user, with all that gives moderators reason to look at it.
///
/// Sources merge in any order, and whether the item waits follows from them and from the last decision alone. What
/// moderators do with it beside deciding is ``ReviewDesk``.
package struct ReviewCaseRecord: Sendable, Equatable, NamesUsers {
    package enum Subject: Sendable, Hashable {
        case message(String)
        case user(String)
    }

    package let subject: Subject
    /// Where the message is; `nil` for a user, and until an event tells.
    package private(set) var cid: String?
    /// Who wrote the message, or the user; a pseudonym after an erasure.
    package private(set) var author: String?
    /// By kind, then by whom.
    package private(set) var sources: [ReviewSource] = []
    package private(set) var firstAt: Timestamp?
    package private(set) var lastAt: Timestamp?
    /// All that was said up to then has been decided about, as it was told.
    package private(set) var toldResolved: Timestamp?
    /// Up to when moderators have decided here: the provider's items of before are marked as reviewed from here.
    package private(set) var decidedThrough: Timestamp?

    package init(_ subject: Subject) {
        self.subject = subject
        if case .user(let id) = subject { author = id }
    }

    package mutating func merge(_ other: ReviewCaseRecord) {
        cid.lower(to: other.cid)
        author = Pseudonym.preferred(author, other.author)
        for source in other.sources { add(source) }
        extend(from: other.firstAt, to: other.lastAt, resolvedThrough: other.toldResolved)
        decidedThrough.raise(to: other.decidedThrough)
    }

    package mutating func add(_ source: ReviewSource) {
        var source = source
        // What others said of somebody who is erased is not kept.
        if isOfErased { source.forgetReason() }
        firstAt.lower(to: source.time)
        lastAt.raise(to: source.time)
        if let index = sources.firstIndex(where: source.isSame) {
            sources[index].merge(source)
        } else {
            sources.append(source)
            sources.sort { ($0.kind.rawValue, $0.by) < ($1.kind.rawValue, $1.by) }
            if sources.count > Limits.Review().sources { bound() }
        }
    }

    /// Of what people said the latest, of rules and the provider's items the first by name: whichever come, in whatever order,
    /// the same ones remain.
    private mutating func bound() {
        let most = Limits.Review().sources
        var (persons, others) = (sources.filter(\.kind.isPersons), sources.filter { !$0.kind.isPersons })
        if persons.count > most { persons = Array(persons.sorted { $1.precedes($0) }.prefix(most)) }
        others = Array(others.prefix(most))
        sources = (persons + others).sorted { ($0.kind.rawValue, $0.by) < ($1.kind.rawValue, $1.by) }
    }

    /// Decided about everything up to then.
    package mutating func resolve(through time: Timestamp) { toldResolved.raise(to: time) }

    /// Decided by a moderator, here.
    package mutating func decide(at now: Timestamp) {
        resolve(at: now)
        decidedThrough.raise(to: toldResolved)
    }

    /// As it was stored.
    package mutating func extend(decidedThrough: Timestamp?) { self.decidedThrough.raise(to: decidedThrough) }

    /// Decided here about all that is known, also if the provider's clock is ahead.
    package mutating func resolve(at now: Timestamp) { resolve(through: max(now, lastAt ?? now)) }

    /// When something is said here, which is later than every decision.
    package func moment(at now: Timestamp) -> Timestamp {
        guard let resolvedThrough, resolvedThrough >= now, resolvedThrough < .distantFuture else { return now }
        return Timestamp(nanoseconds: resolvedThrough.nanoseconds + 1)
    }

    /// As it was stored: of sources that are kept no longer, too.
    package mutating func extend(from first: Timestamp?, to last: Timestamp?, resolvedThrough: Timestamp?) {
        firstAt.lower(to: first)
        lastAt.raise(to: last)
        toldResolved.raise(to: resolvedThrough)
    }

    package mutating func replaceUsers(_ name: (String) -> String) {
        let said = sources
        sources = []
        author = author.map(name)
        for var source in said {
            source.replaceUsers(name)
            add(source)
        }
    }

    /// Says where the message is and who wrote it.
    package mutating func describe(cid: String?, author: String?) {
        (self.cid, self.author) = (cid, author)
        guard isOfErased else { return }
        for index in sources.indices { sources[index].forgetReason() }
    }

    private var isOfErased: Bool { author.map(Pseudonym.isPseudonym) ?? false }
}

extension ReviewCaseRecord {
    /// All that was said up to then has been decided about: here, or by the provider's moderators.
    ///
    /// That an item is marked as reviewed there after it was decided here is the echo of that decision, and decides
    /// nothing that was said in between.
    package var resolvedThrough: Timestamp? {
        var resolved = toldResolved
        for source in sources where !isDecidedHere(source) { resolved.raise(to: source.markedAt) }
        return resolved
    }

    /// Whether the source was there when moderators last decided here.
    package func isDecidedHere(_ source: ReviewSource) -> Bool { decidedThrough.map { source.time <= $0 } ?? false }

    /// The provider's items that stand behind it, by id.
    package var providerItems: [String] { sources.filter { $0.kind == .provider }.map(\.by) }

    /// Something was said that no decision is later than.
    package var isOpen: Bool {
        guard let lastAt else { return false }
        return resolvedThrough.map { $0 < lastAt } ?? true
    }

    /// What there is to decide about; of an item that is decided everything.
    package var standing: [ReviewSource] {
        guard isOpen, let resolvedThrough else { return sources }
        return sources.filter { $0.time > resolvedThrough }
    }

    /// Since when it waits, or when it was decided.
    package var since: Timestamp? { isOpen ? standing.map(\.time).min() ?? firstAt : resolvedThrough }

    /// Users who complain, each once.
    package var complaints: Int { Set(standing.filter(\.kind.isComplaint).map(\.by)).count }

    /// The highest of its sources, raised where many complain.
    package var severity: Severity {
        let limits = Limits.Review()
        let highest = standing.map(\.severity).max() ?? .low
        let steps = complaints >= limits.manyComplaints ? 2 : complaints >= limits.severalComplaints ? 1 : 0
        return highest.raised(by: steps)
    }

    /// Sorted, each once.
    package var labels: [String] { Set(standing.flatMap(\.labels)).sorted() }

    /// The channel's type, such as `messaging`.
    package var place: String? { cid.map { String($0.prefix { $0 != ":" }) } }
}

extension ReviewCaseRecord {
    /// All whom it names.
    package func forEachUser(_ body: (String) -> Void) {
        if let user = subject.userID { body(user) }
        if let author { body(author) }
        for source in sources where source.kind.isPersons { body(source.by) }
    }
}

extension ReviewCaseRecord.Subject {
    private static let (messagePrefix, userPrefix) = ("message:", "user:")

    /// `message:ID` or `user:ID`.
    package var id: String {
        switch self {
        case .message(let id): Self.messagePrefix + id
        case .user(let id): Self.userPrefix + id
        }
    }

    package init?(id: String) {
        if id.hasPrefix(Self.messagePrefix), id != Self.messagePrefix {
            self = .message(String(id.dropFirst(Self.messagePrefix.count)))
        } else if id.hasPrefix(Self.userPrefix), id != Self.userPrefix {
            self = .user(String(id.dropFirst(Self.userPrefix.count)))
        } else {
            return nil
        }
    }

    package var messageID: String? { if case .message(let id) = self { id } else { nil } }
    package var userID: String? { if case .user(let id) = self { id } else { nil } }
}
