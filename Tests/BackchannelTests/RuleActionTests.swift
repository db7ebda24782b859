import Foundation
import HTTPClient
import JSON
import TestSupport
import Testing

/// Rules from end to end: from a message at the provider, over its webhook and a rule, back to the provider.
struct RuleActionTests {
    private static let rules = """
        rules:
          - { id: ban, when: { text: { contains: ban me } }, then: [{ ban: { for: 24h, reason: Fraud } }] }
          - { id: ban-here, when: { text: { contains: out of here } }, then: [{ ban: { for: 1h, of: channel, shadow: true } }] }
          - { id: mute, when: { text: { contains: mute me } }, then: [{ mute: 2m }] }
          - { id: freeze, when: { text: { contains: freeze this } }, then: [freeze] }
          - { id: soft, when: { text: { contains: delete me } }, then: [{ delete: soft }] }
          - { id: hard, when: { text: { contains: forget me } }, then: [{ delete: hard }] }
          - { id: hide, when: { text: { contains: hide me } }, then: [shadow] }
          - { id: restrict, when: { text: { contains: between us } }, then: [{ restrict: [sender, "user:ada"] }] }
          - { id: mask, when: { text: { phones: true } }, then: [{ mask: phones }] }
          - { id: markup, phase: sanitise, when: { text: { markup: true } }, then: [sanitise] }
          - { id: replaced, when: { text: { contains: replace me } }, then: [{ rewrite: other }] }
          - { id: trial, mode: shadow, when: { text: { contains: on trial } }, then: [{ delete: hard }, freeze] }
        """

    private struct Case: Sendable {
        var text: String
        /// What is done at the provider: the entity, in which `#` stands for the case's number, and the operation.
        var done: [String]
        /// The message's text afterwards, where there is still one.
        var becomes: String?
    }

    private static let cases = [
        Case(text: "please ban me", done: ["ban:*/bob# ban"], becomes: "please ban me"),
        Case(text: "out of here", done: ["ban:messaging:room#/bob# ban"], becomes: "out of here"),
        Case(text: "mute me", done: ["ban:messaging:room#/bob# ban"], becomes: "mute me"),
        Case(text: "freeze this", done: ["channel:messaging:room# partial_update"], becomes: "freeze this"),
        Case(text: "delete me", done: ["message:m# delete"]),
        Case(text: "forget me", done: ["message:m# hard_delete"]),
        Case(text: "hide me", done: ["message:m# partial_update"], becomes: "hide me"),
        Case(text: "between us", done: ["message:m# partial_update"], becomes: "between us"),
        Case(text: "call +47 912 34 567", done: ["message:m# partial_update"], becomes: "call ••••••••••••••"),
        Case(text: "a <b>bold</b> word", done: ["message:m# partial_update"], becomes: "a bold word"),
        Case(text: "replace me", done: ["message:m# partial_update"], becomes: "Something else."),
        Case(text: "on trial", done: [], becomes: "on trial"),
    ]

    @Test func everyActionArrivesAtTheProvider() async throws {
        let folder = try WrittenRules(Self.rules, templates: ["other": "Something else."])
        try await ProviderAndService.run(settings: ["EFFECTS": "on", "RULES_DIR": folder.path]) { node in
            try await node.hook()
            try await node.service.effectsDone()
            for (number, one) in Self.cases.enumerated() {
                try await node.call("POST", "/users", #"{"users":{"bob\#(number)":{"id":"bob\#(number)"}}}"#)
                try await node.room(number, members: ["bob\(number)"])
                try await node.write("m\(number)", one.text, by: "bob\(number)", in: "room\(number)")
            }
            try await node.settled()
            try await node.service.effectsDone()
            let applied = try await node.provider.applied()
            for (number, one) in Self.cases.enumerated() {
                let names = [
                    "ban:*/bob\(number)", "ban:messaging:room\(number)/bob\(number)", "message:m\(number)",
                    "channel:messaging:room\(number)",
                ]
                let done = applied.filter { applied in
                    names.contains(applied.entity) && !["send", "get", "create"].contains(applied.operation)
                }
                let expected = one.done.map { $0.replacing("#", with: "\(number)") }
                #expect(done.map { "\($0.entity) \($0.operation)" } == expected, "\(one.text)")
                #expect(done.allSatisfy { $0.changes == 1 }, "\(one.text)")
                let message = try await node.provider.call("GET", "/messages/m\(number)")
                let text = try? JSONParser().parse(message.body)["message"]?["text"]?.string
                guard let wanted = one.becomes else { continue }
                #expect(text == wanted, "\(one.text): \(message.status)")
            }
        }
    }

    /// A valid set takes over while messages come; one with faults is told of, and the old one goes on.
    @Test func rulesChangeWithoutARestart() async throws {
        func rules(_ word: String) -> String {
            "rules:\n  - { id: \(word), when: { text: { contains: \(word) } }, then: [{ delete: soft }] }\n"
        }
        let folder = try WrittenRules(rules("apple"))
        try await ProviderAndService.run(settings: ["EFFECTS": "on", "RULES_DIR": folder.path]) { node in
            try await node.hook()
            try await node.room(0, members: [])
            try await node.write("m1", "an apple", by: "ada", in: "room0")
            try await node.write("m2", "a pear", by: "ada", in: "room0")
            try await node.gone(["m1"])

            try folder.write(rules("pear"))
            try await node.rulesAre(["pear"])
            try await node.write("m3", "an apple", by: "ada", in: "room0")
            try await node.write("m4", "a pear", by: "ada", in: "room0")
            try await node.gone(["m1", "m4"])

            try folder.write("rules:\n  - { id: plum, whe: { text: { contains: plum } }, then: [flag] }\n")
            try await node.rulesAre(["pear"], isRefused: true)
            try await node.write("m5", "a pear", by: "ada", in: "room0")
            try await node.gone(["m1", "m4", "m5"])
            // What was decided by rules that are no longer there can still be explained by them.
            let decisions = try await node.answer("/api/v1/decisions?message=m1")
            let ids = decisions["data"]?.array.compactMap { $0["_id"]?.string } ?? []
            let id = try #require(ids.first)
            let name = try #require(id.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let explained = try await node.answer("/api/v1/decisions/\(name)/explain")
            #expect(explained["rerun"]?["result"]?.string == "same", "\(explained)")
        }
    }
}

/// A folder of rules of its own.
private struct WrittenRules {
    private let folder: TemporaryFolder

    init(_ rules: String, templates: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("templates"), withIntermediateDirectories: true)
        for (name, text) in templates {
            try text.write(toFile: folder.path("templates/\(name).txt"), atomically: true, encoding: .utf8)
        }
        try write(rules)
    }

    var path: String { folder.path }

    func write(_ rules: String) throws {
        try rules.write(toFile: folder.path("rules.yaml"), atomically: true, encoding: .utf8)
    }
}

extension ProviderAndService {
    fileprivate func room(_ number: Int, members: [String]) async throws {
        try await call("POST", "/users", #"{"users":{"ada":{"id":"ada"}}}"#)
        let names = (["ada"] + members).map { "\"\($0)\"" }.joined(separator: ",")
        let data = #"{"data":{"created_by_id":"ada","members":[\#(names)]}}"#
        try await call("POST", "/channels/messaging/room\(number)/query", data)
    }

    fileprivate func write(_ id: String, _ text: String, by user: String, in channel: String) async throws {
        let message = #"{"message":{"id":"\#(id)","text":"\#(text)","user_id":"\#(user)"}}"#
        try await call("POST", "/channels/messaging/\(channel)/message", message)
    }

    /// These messages, and no others, are deleted.
    fileprivate func gone(_ ids: [String]) async throws {
        try await settled()
        try await service.effectsDone()
        let deleted = try await provider.applied("message:").filter { $0.operation == "delete" }
        #expect(deleted.map(\.entity) == ids.map { "message:\($0)" })
    }

    /// Returns once these rules are in force, by id, or the files are refused.
    fileprivate func rulesAre(_ ids: [String], isRefused: Bool = false) async throws {
        try await eventually {
            let status = try await answer("/api/v1/rules")
            let (inForce, faults) = (
                status["data"]?.array.map { $0["_id"]?.string } ?? [], status["faults"]?.array.map { $0 } ?? []
            )
            return inForce == ids && faults.isEmpty != isRefused
        }
    }

    fileprivate func answer(_ path: String) async throws -> JSONValue {
        let response = try await service.get(path)
        return try JSONParser().parse(response.body)
    }
}
