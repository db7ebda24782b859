import YAML

/// What one rule asks for, noted while it is read, to be compared with the rest of it and with other rules.
struct RuleNotes {
    struct Step {
        let action: Action
        let position: YAMLPosition
    }

    /// Values that conditions and actions look at.
    var reads: [Located<ValuePath>] = []
    /// Those that are times, as it is asked how long ago they are.
    var times: Set<ValuePath> = []
    /// Names of templates that it fills.
    var templates: [String] = []
    var labelsRead: [Located<String>] = []
    /// A condition finds something at a place of the text.
    var locates = false
    /// Where `verdict` and `changed` are asked for.
    var verdict: YAMLPosition?
    var changed: YAMLPosition?
    /// `silence` of the channel is asked for.
    var watchesChannel = false
    var steps: [Step] = []
}
