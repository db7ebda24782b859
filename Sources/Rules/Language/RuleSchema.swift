import JSON

/// What editors need to help with rule files: JSON Schema, draft 2020-12, made from the tables that the reader uses.
package enum RuleSchema {
    /// The document, compact, with keys in the order of the tables.
    ///
    /// It describes shapes. What only the whole set tells, such as names of lists, is the reader's alone.
    package static var json: String {
        var writer = JSONWriter(capacity: 65_536)
        writer.object {
            $0.field("$schema", "https://json-schema.org/draft/2020-12/schema")
            $0.field("title", "Rules of Backchannel")
            $0.field("description", "A file of rules: word lists, thresholds and what is decided about messages.")
            $0.field("$ref", "#/$defs/file")
            $0.field("$defs") {
                $0.object { definitions in
                    for (name, schema) in self.definitions { definitions.field(name) { schema.write(to: &$0) } }
                }
            }
        }
        return writer.text
    }

    private static let definitions: [(String, Schema)] = [
        ("file", FileKeys.table.schema),
        ("rule", RuleKeys.table.schema),
        ("condition", ConditionKeys.table.schema),
        ("comparisons", ValueKeys.table.schema),
        ("bounds", BoundsKeys.table.schema),
    ]
}
