import JSON

/// What has to change in an app's event hooks so that one of them is ours: read, merged here, then written.
///
/// The provider replaces the whole list by what is written, so every other hook is in it, byte for byte. A plan made of
/// its own result is empty.
package struct HookPlan: Sendable, Equatable {
    /// The hook that shall be there.
    package struct Wanted: Sendable, Equatable {
        package var url: String
        /// Empty is every event, also those still to come.
        package var eventTypes: [String]

        package init(url: String, eventTypes: [String] = []) { (self.url, self.eventTypes) = (url, eventTypes) }
    }

    /// One line of the difference, for people.
    package struct Line: Sendable, Equatable, CustomStringConvertible {
        package enum Mark: String, Sendable {
            case added = "+"
            case removed = "-"
            case changed = "~"
            case kept = " "
            /// Something to know, which the plan leaves alone.
            case note = "!"
        }

        package let mark: Mark
        package let text: String

        package var description: String { "\(mark.rawValue) \(text)" }
    }

    package let lines: [Line]
    /// What was read.
    package let before: [EventHook]
    /// What is to be written.
    package let after: [EventHook]

    package var isEmpty: Bool { before == after }

    /// The request's body.
    var json: String { "{\"event_hooks\":[" + after.map(\.json).joined(separator: ",") + "]}" }

    /// - Parameter replacing: addresses of ours that are no longer right; their hooks go.
    package init(_ settings: AppSettings, wanted: Wanted, replacing: Set<String> = []) {
        before = settings.hooks
        var (lines, after): ([Line], [EventHook]) = ([], [])
        var isThere = false
        for hook in settings.hooks {
            guard hook.kind == "webhook", let url = hook.url else {
                lines.append(Line(mark: .kept, text: hook.summary))
                after.append(hook)
                continue
            }
            if url == wanted.url, !isThere {
                isThere = true
                let changed = hook.changed(to: wanted)
                lines.append(
                    changed == hook
                        ? Line(mark: .kept, text: hook.summary)
                        : Line(mark: .changed, text: hook.summary + hook.difference(to: changed))
                )
                after.append(changed)
            } else if replacing.contains(url), url != wanted.url {
                lines.append(Line(mark: .removed, text: hook.summary))
            } else {
                lines.append(Line(mark: .kept, text: hook.summary))
                if url == wanted.url { lines.append(Self.doubled) }
                after.append(hook)
            }
        }
        if !isThere {
            let hook = EventHook(wanted)
            lines.append(Line(mark: .added, text: hook.summary))
            after.append(hook)
        }
        if !settings.usesHooks, settings.webhookURL != nil { lines.append(Self.legacy) }
        (self.lines, self.after) = (lines, after)
    }

    private static let doubled = Line(
        mark: .note,
        text: "a second hook has the same address: every event comes twice, and is counted once"
    )
    private static let legacy = Line(
        mark: .note,
        text: "the app still has its single webhook address; move it to event hooks in the provider's dashboard"
    )
}

extension EventHook {
    fileprivate init(_ wanted: HookPlan.Wanted) {
        var writer = JSONWriter(capacity: 256)
        writer.object {
            $0.field("enabled", true)
            $0.field("hook_type", "webhook")
            $0.field("event_types", wanted.eventTypes)
            $0.field("webhook_url", wanted.url)
        }
        self.init(json: writer.text)
    }

    /// The same hook, switched on and with the events wanted; every other byte as it was.
    fileprivate func changed(to wanted: HookPlan.Wanted) -> EventHook {
        var json = json
        if !isEnabled { json = Self.setting("enabled", to: "true", in: json) }
        if Set(eventTypes) != Set(wanted.eventTypes) {
            var writer = JSONWriter(capacity: 256)
            writer.array { for type in wanted.eventTypes { $0.string(type) } }
            json = Self.setting("event_types", to: writer.text, in: json)
        }
        return EventHook(json: json)
    }

    private static func setting(_ name: String, to value: String, in json: String) -> String {
        let bytes = Array(json.utf8)
        guard let slices = JSONSlices(bytes) else { return json }
        if let place = slices.field(name, of: slices.root) {
            return String(decoding: bytes[..<place.lowerBound] + value.utf8 + bytes[place.upperBound...], as: UTF8.self)
        }
        let separator = slices.fields(of: slices.root).isEmpty ? "" : ","
        return "\(json.dropLast())\(separator)\"\(name)\":\(value)}"
    }

    fileprivate var summary: String {
        let name = [kind.isEmpty ? "hook" : kind, shownURL].compactMap { $0 }.joined(separator: " ")
        let events = eventTypes.isEmpty ? "all events" : "\(eventTypes.count) event types"
        return "\(name) (\(isEnabled ? events : "off, " + events))"
    }

    fileprivate func difference(to other: EventHook) -> String {
        var parts: [String] = []
        if isEnabled != other.isEnabled { parts.append("switched on") }
        if eventTypes != other.eventTypes {
            let (old, new) = (Set(eventTypes), Set(other.eventTypes))
            if new.isEmpty {
                parts.append("all events")
            } else if old.isEmpty {
                parts.append("only " + new.sorted().joined(separator: ", "))
            } else {
                parts += new.subtracting(old).sorted().map { "+ \($0)" }
                parts += old.subtracting(new).sorted().map { "- \($0)" }
            }
        }
        return ": " + parts.joined(separator: ", ")
    }
}
