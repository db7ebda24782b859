/// A ``LinkTest`` made ready to be asked.
enum LinkQuestion: Sendable {
    case within(DomainTable)
    case outside(DomainTable)
    case lookingLike(DomainTable)

    /// - Parameter terms: of a list.
    init(_ test: LinkTest, terms: (String) -> [String]) {
        switch test {
        case .within(let lists): self = .within(DomainTable(lists.flatMap(terms)))
        case .outside(let lists): self = .outside(DomainTable(lists.flatMap(terms)))
        case .lookingLike(let lists): self = .lookingLike(DomainTable(lists.flatMap(terms)))
        }
    }

    /// - Parameter host: of a link, in lower case.
    func holds(for host: String) -> Bool {
        switch self {
        case .within(let table): table.contains(host)
        case .outside(let table): !table.contains(host)
        case .lookingLike(let table): table.hasLookalike(of: host)
        }
    }
}
