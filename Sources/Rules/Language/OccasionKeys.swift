/// How often, as it was written.
struct OccasionDraft: Sendable {
    var per: Subject?
    var within: Duration?
}

enum OccasionKeys {
    static let table = Keys<OccasionDraft>(
        noun: "key of how often",
        keys: [
            Key("per", "Once for each of these.", .choice(also: Subject.confused), required: true) { $0.per = $1 },
            Key("for", "Within this time; left out: for ever.", .duration) { $0.within = $1 },
        ],
        also: ["within": "for", "every": "for", "once_per": "per", "of": "per"],
        example: "{ per: user, for: 1d }"
    )

    static let form = table.form(from: OccasionDraft()) { draft, _, _ in
        draft.per.map { Occasion(per: $0, within: draft.within) }
    }
}

extension Subject {
    static let confused: [String: Subject] = [
        "sender": .user, "author": .user, "member": .user, "conversation": .channel, "user_in_channel": .userInChannel,
        "user_and_channel": .userInChannel, "channel-and-user": .userInChannel, "user-in-channel": .userInChannel,
    ]
}
