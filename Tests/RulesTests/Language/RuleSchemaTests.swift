import Foundation
import JSON
import Rules
import Testing

struct RuleSchemaTests {
    static func schema() throws -> JSONValue { try JSONParser().parse(Array(RuleSchema.json.utf8)) }

    @Test func isADocumentOfTheDraft() throws {
        let schema = try Self.schema()
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["$ref"]?.string == "#/$defs/file")
    }

    /// What the language has, by the definition that has to have it.
    @Test(arguments: [
        ("file", ["thresholds", "lists", "rules"]),
        (
            "rule",
            [
                "id", "description", "phase", "on", "mode", "priority", "stop", "cooldown", "except", "active", "when",
                "then", "tests",
            ]
        ),
        (
            "condition",
            [
                "all", "any", "none", "text", "rate", "first_message", "silence", "time", "changed", "is_reply",
                "in_thread", "label", "score", "verdict", "spam", "missing", "exists",
            ]
        ),
        (
            "comparisons",
            [
                "is", "is_not", "in_list", "at_least", "between", "contains", "matches", "older_than", "exists",
                "same_as",
            ]
        ),
        ("bounds", ["at_least", "at_most", "more_than", "less_than", "between"]),
    ]) func hasEveryKeyWithItsMeaning(_ definition: String, _ keys: [String]) throws {
        let properties = try #require(Self.schema()["$defs"]?[definition]?["properties"])
        for key in keys {
            let meaning = properties[key]?["description"]?.string
            #expect(meaning?.hasSuffix(".") == true, "\(definition).\(key)")
        }
    }

    /// Whatever is referred to is there, and nothing but what is named is allowed.
    @Test func holdsTogether() throws {
        let schema = try Self.schema()
        let definitions = try #require(schema["$defs"])
        var (references, objects) = (0, 0)
        func walk(_ value: JSONValue) {
            if let name = value["$ref"]?.string {
                references += 1
                #expect(definitions[String(name.dropFirst("#/$defs/".count))] != nil, "\(name)")
            }
            if value["type"]?.string == "object" {
                objects += 1
                #expect(value["additionalProperties"]?.bool == false)
            }
            if value.kind == .object { for (_, field) in value.object { walk(field) } }
            if value.kind == .array { for element in value.array { walk(element) } }
        }
        walk(schema)
        #expect(references > 5 && objects > 15)
    }
}
