extension Limits {
    /// Rules: what they may hold, what judging may take, and what they decide.
    package struct Rules: Sendable, Equatable {
        /// Earlier messages of one user or channel that conditions on rates look back on.
        package var windowEntries = 256
        /// Matches of one condition that a decision records.
        package var matchesPerLeaf = 32
        /// Age of an event from which what is decided about it is recorded and not carried out, in seconds
        /// (`RULES_LATE_LIMIT_SECONDS`).
        package var lateSeconds: Int64 = 600
        /// Replies and masked texts made up at once.
        package var composers = 4
        /// Rules, metrics and facts that counters tell apart.
        package var countersKept = 4_000
        /// How often to look whether rule files have changed, in milliseconds.
        package var pollMilliseconds = 2_000
        /// How often to try to keep a rule set that is in force and not kept yet, in milliseconds.
        package var keepMilliseconds = 100
        /// Users and channels whose last messages are remembered for rates.
        package var windowsKept = 50_000
        /// Messages of one user or channel that are read again for an event that comes later than those remembered.
        package var windowReach = 2_000
        /// Members of a channel that are looked at for joins before those that are remembered.
        package var joinsRead = 5_000
        /// Members of a channel among whom blocks are looked for; in larger ones nobody knows who is blocked by whom.
        package var blockMembers = 100
        /// How often to look for silent channels, in seconds.
        package var silenceSeconds = 300
        /// How long after it began to be too long a silence is still noticed, in seconds.
        package var silenceReachSeconds: Int64 = 172_800
        /// Silent channels read at a time.
        package var silencePage = 500
        /// Earlier decisions about the same event that are kept with the current one.
        package var supersededKept = 10
        /// Last messages of a user in a channel that are looked at for the one that a hook has rewritten.
        package var hookedMessages = 50
        /// Messages of one instant that are told apart.
        package var sameInstant = 16
        /// Events whose decisions one late event may change.
        package var rejudgedPerBatch = 2_000
        /// A value that a decision records, in bytes; what is longer is cut.
        package var recordedBytes = 256
        /// One expression, in bytes.
        package var expressionBytes = 1_000
        /// One expression's program, in instructions of RE2.
        package var expressionProgram = 2_500
        /// The programs of all expressions searched for together, in the same unit.
        package var expressionsProgram = 50_000
        /// Of these, the programs that have counts (`{2,40}`) or many wildcards, in the same unit.
        ///
        /// A text made for them costs some 3 ns for each instruction and byte, any other a thousandth of it.
        package var countedProgram = 5_000
        /// Programs up to this size do not count there, in the same unit.
        package var countedProgramFrom = 100
        /// Expressions searched for together.
        package var expressions = 1_000
        /// What the expressions of one rule set may keep of their search, folded and raw together, in bytes: with less than
        /// 8 MB it is rebuilt all the time.
        package var expressionSetBytes: Int64 = 64 * 1_048_576
        /// The same of expressions that values are compared with, all together, in bytes.
        package var valueExpressionsBytes: Int64 = 16 * 1_048_576
        /// What one of those sets may keep at least, in bytes.
        package var valueExpressionBytesLeast: Int64 = 262_144
        /// A text in which expressions are sought, in bytes of UTF-8; what follows is not searched.
        ///
        /// The provider takes no longer texts.
        package var expressionTextBytes = 5_000
        /// What the same expressions one by one may keep, all together, in bytes.
        package var singleExpressionsBytes: Int64 = 32 * 1_048_576
        /// One term, in bytes once folded.
        package var termBytes = 256
        /// Terms searched for together.
        package var terms = 500_000
        /// All their bytes together, in bytes.
        package var termsBytes = 16_777_216
        /// What the states near the automaton's root may take, which have a way on for every byte, in bytes.
        package var denseBytes = 4_194_304
        /// Occurrences of terms found in one text.
        package var matchesPerText = 20_000
        /// A message's text that is judged, in bytes of UTF-8; what follows is not looked at.
        package var textBytes = 16_384
        /// Contacts that are told of in one message.
        package var contacts = 256
        // MARK: Backtests
        /// Events read and judged together.
        package var backtestPage = 1_000
        /// Pages read and not yet decided on.
        package var backtestPages = 6
        /// Before the time that is judged, from when on events are counted, in seconds; for longer rates the history is asked.
        package var backtestWarmUpSeconds: Int64 = 86_400
        /// Users and channels whose last messages are remembered; of others the history is asked.
        package var backtestWindows = 200_000
        /// Judged messages that a late one may still have judged again.
        package var backtestRemembered = 100_000
        /// Messages that are known to have been judged, so that the same one told of twice counts once.
        package var backtestKnown = 2_000_000
        /// Channels whose business context, and things whose facts are remembered, each.
        package var backtestChannels = 50_000
        /// Before a moderator's ban, from when on the user's messages count as moderated, in seconds.
        package var backtestBanReachSeconds: Int64 = 3_600
        /// Messages that somebody moderated, and messages that rules caught, that are told apart.
        package var backtestMessages = 5_000_000
        /// Of a text that is shown as an example, in characters.
        package var backtestTextCharacters = 120
        // MARK: Files
        /// Files of one folder.
        package var files = 1_024
        /// One file of rules, in bytes.
        package var ruleFileBytes = 1_048_576
        /// Lists and mappings within each other, in one file of rules.
        package var depth = 32
        /// Keys and values of one file of rules.
        package var nodes = 200_000
        /// One list of terms, in bytes.
        package var listFileBytes = 16_777_216
        /// All files of a folder, in bytes.
        package var folderBytes = 67_108_864
        /// Faults after which the rest is not looked at; and warnings that are told.
        package var faults = 250
        /// Syntax errors of one file after which the rest of it is not read any more.
        package var syntaxErrors = 20
        // MARK: What they hold
        package var rules = 5_000
        package var lists = 1_000
        package var templates = 1_000
        /// Elements of one list within a rule, such as the events that it looks at.
        package var elements = 10_000
        /// A text of a rule file, such as a reason or the text of a test, in bytes.
        package var writtenBytes = 65_536
        /// Names of one path, such as the two of `user.role`.
        package var pathNames = 8
        /// A name, an id or a path, in bytes.
        package var nameBytes = 256
        /// Tests beside one rule.
        package var testsPerRule = 200
        /// Messages before the tested one, in one test.
        package var earlierMessages = 10_000
        // MARK: What they ask for
        /// The longest duration, in days.
        package var durationDays = 3_650
        /// The longest time over which something is counted, in days.
        package var rateDays = 31
        package init() {}
    }
}
