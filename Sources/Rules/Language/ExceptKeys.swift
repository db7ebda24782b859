/// `except`.
enum ExceptKeys {
    static let table = Keys<Exceptions>(
        noun: "key of except",
        keys: [
            Key(
                "roles",
                "Users with one of these roles, everywhere or in the channel.",
                Form<String>.id("a role").oneOrManyOnce
            ) {
                $0.roles = $1
            },
            Key("users", "Users by their ids.", Form<String>.id("a user's id").oneOrManyOnce) { $0.users = $1 },
            Key(
                "channels",
                "Channels as type:id, or all of a type.",
                Form<String>.id("a channel's type, or type:id").oneOrManyOnce
            ) {
                $0.channels = $1
            },
        ],
        also: ["role": "roles", "user": "users", "channel": "channels", "types": "channels", "ids": "users"],
        example: "{ roles: [moderator] }"
    )

    static let form = table.form(from: Exceptions()) { draft, _, _ in draft }
}
