/// `ban`.
enum BanKeys {
    enum Reach: String, Sendable, CaseIterable { case channel, everywhere }

    static let table = Keys<BanOrder>(
        noun: "key of a ban",
        keys: [
            Key("for", "For this long, in whole minutes; left out: for good.", .minutes) { $0.duration = $1 },
            Key("of", "From the channel, or everywhere (left out).", reach) { $0.isOfChannel = $1 == .channel },
            Key("shadow", "The user does not notice: only the user sees what the user writes.", .flag) {
                $0.isShadow = $1
            },
            Key("reason", "What moderators are told.", .reason) { $0.reason = $1 },
        ],
        also: ["duration": "for", "scope": "of", "from": "of", "within": "for"],
        example: "{ for: 1d, of: channel }, or the word alone"
    )

    static let form = table.form(from: BanOrder()) { draft, _, _ in draft }

    private static let reach = Form<Reach>.choice(also: ["global": .everywhere, "app": .everywhere, "all": .everywhere])
}
