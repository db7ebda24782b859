import Chat
import Decisions
import Rules
import TestSupport

/// Rule sets of these tests, as files.
enum DecisionRules {
    /// Every condition that looks back, and what rules hand on to one another.
    static let windowed = """
        thresholds: { mask: 2, hold: 5, block: 9 }
        rules:
          - { id: text, when: { text: { contains: buy now } }, then: [{ score: 2 }, { label: selling }] }
          - { id: contacts, when: { text: { contacts: true } }, then: [{ score: 1 }, { label: contact }] }
          - { id: flood, when: { rate: { of: messages, more_than: 3, within: 10s } }, then: [{ score: 2 }, flag] }
          - { id: crowd, when: { rate: { of: messages, more_than: 5, within: 30s, per: channel } }, then: [{ label: busy }] }
          - { id: both, when: { rate: { of: messages, more_than: 2, within: 5s, per: user-and-channel } }, then: [{ score: 1 }] }
          - { id: links, when: { rate: { of: links, more_than: 3, within: 1m } }, then: [{ score: 3 }] }
          - { id: mentions, when: { rate: { of: mentions, more_than: 1, within: 2m, per: channel } }, then: [{ label: noisy }] }
          - { id: spread, when: { rate: { of: channels, more_than: 2, within: 1m } }, then: [{ score: 1 }] }
          - { id: same, when: { rate: { of: identical, more_than: 2, within: 1m } }, then: [{ score: 2 }, { label: repeated }] }
          - { id: alike, when: { rate: { of: similar, more_than: 2, within: 1m, per: channel } }, then: [{ label: alike }] }
          - { id: wave, on: member.added, when: { rate: { of: joins, more_than: 1, within: 5m, per: channel } }, then: [{ label: wave }, { count: waves }] }
          - { id: first, when: { first_message: user }, then: [{ label: new }] }
          - { id: newcomer, when: [{ first_message: user-and-channel }, { text: { links: true } }], then: [{ score: 4 }] }
          - { id: opening, mode: shadow, when: { first_message: channel }, then: [{ label: opening }, { score: 1 }] }
          - { id: again, phase: respond, when: { silence: { longer_than: 5m } }, then: [{ label: back }] }
          - { id: alone, mode: shadow, when: { silence: { longer_than: 1m, per: user } }, then: [{ score: 3 }] }
          - { id: sold, phase: respond, when: [{ listing.status: sold }, { text: { contains: available } }], then: [{ label: sold }, { reply: sold }] }
          - { id: edited, on: message.updated, when: [{ changed: text }, { text: { links: true } }], then: [{ score: 3 }] }
          - { id: rewriting, on: message.updated, when: { rate: { of: messages, more_than: 2, within: 30s } }, then: [{ score: 1 }] }
          - { id: quiet, on: [member.added, message.updated], when: { first_message: channel }, then: [{ label: quiet }] }
          - { id: stirring, on: [message.updated, reaction.new], when: { rate: { of: links, more_than: 2, within: 2m, per: channel } }, then: [{ score: 2 }] }
          - { id: returned, mode: shadow, on: message.updated, when: { silence: { longer_than: 40s } }, then: [{ label: returned }] }
          - { id: crowded, on: message.new, when: { rate: { of: joins, more_than: 1, within: 10m, per: channel } }, then: [{ label: crowded }] }
          - { id: welcome, on: member.added, when: { rate: { of: messages, more_than: 3, within: 1m, per: channel } }, then: [{ label: lively }] }
          - { id: removed, on: [message.new, reaction.new], when: { user.removed_messages: { at_least: 1 } }, then: [{ label: watched }, { score: 1 }] }
          - { id: removed-edit, on: message.updated, when: { user.removed_messages: { at_least: 1 } }, then: [{ label: watched }] }
          - { id: late, phase: respond, when: [{ label: new }, { score: { at_least: 3 } }], then: [{ label: suspicious }] }
          - { id: never, mode: shadow, phase: gate, when: { rate: { of: messages, more_than: 4, within: 1m } }, stop: true, then: [delete] }
        """

    static func files(_ yaml: String) -> [RuleFile] {
        [
            RuleFile(name: "rules.yaml", bytes: Array(yaml.utf8)),
            RuleFile(name: "templates/sold.txt", bytes: Array("Sorry, it is sold.".utf8)),
        ]
    }

    static func engine(_ yaml: String, _ settings: RuleEngine.Settings? = nil) throws -> RuleEngine {
        let settings = try settings ?? Self.settings()
        return try LoadedRules(files: files(yaml), settings: settings).engine
    }

    static func settings() throws -> RuleEngine.Settings {
        RuleEngine.Settings(context: try ContextPatterns(), ownUserID: "backchannel")
    }
}
