extension Limits {
    /// Queries over REST.
    package struct Query: Sendable, Equatable {
        package var pageDefault = 50
        package var pageMost = 200
        /// Messages read at once for an answer that has all of them (`format=csv`, `ndjson`).
        package var exportRowsAtOnce = 1_000
        /// MongoDB's time for one query, in milliseconds: less than the socket's, so that it is MongoDB who says so.
        package var milliseconds = 8_000
        /// What a page is part of is counted up to this; of more the total is left out.
        package var countMost = 20_000
        /// MongoDB's time for it, in milliseconds; beyond it the total is left out, too.
        package var countMilliseconds = 2_000
        /// Messages looked at to count those of a type; of more the total is left out.
        package var typedMessagesMost: Int64 = 20_000
        /// The longest range of days an analytics query may span.
        package var rangeDays = 3_660
        /// Days that an analytics query spans unless asked otherwise, today included.
        package var rangeDefaultDays = 30
        /// Rows of a figure in one answer; a range in more parts than these is refused.
        package var figureRows = 10_000
        package var figureRowsDefault = 1_000
        /// Users looked at one by one to answer a question about people.
        package var peopleMost = 1_000_000
        /// Users looked up by their ids to answer a question about people; where there are more, everyone is looked at.
        package var peopleAtOnce = 20_000
        /// Messages looked at one by one for who wrote; where there are more, everyone is looked at.
        package var peopleMessagesAtOnce: Int64 = 20_000
        /// Messages of a range of which it is remembered who wrote; of more everyone is looked at each time.
        package var peopleMessagesMost: Int64 = 12_000_000
        /// Channels looked at one by one to answer a question about their members.
        package var memberChannelsMost = 200_000
        /// Days that may have changed for only those members to be counted again that did.
        package var memberDaysChanged = 4
        /// Messages looked at one by one for who wrote in channels; where there are more, conversations are asked.
        package var writerMessagesAtOnce: Int64 = 3_000_000
        /// Messages that are then read for whoever asks again; more are not.
        package var writerMessagesMost: Int64 = 12_000_000
        /// Days of answers or readings read at once.
        package var latencyDaysAtOnce = 31
        /// Answers or readings read while somebody waits, to be grouped; more are read for whoever asks again.
        package var latencyRowsAtOnce = 1_200_000
        /// Answers or readings grouped by whose they are, or where; of more there is no answer.
        package var latencyRowsMost = 5_000_000
        /// The time that what is read for whoever asks again may take, in milliseconds.
        package var readAheadMilliseconds = 600_000
        /// Days within which a new user has to write to count as having adopted chat.
        package var adoptionDays = 7
        /// A latency that counts as within the target, unless asked otherwise, in seconds.
        package var latencyTargetSeconds = 3_600
        /// The busiest hours of the day that are named.
        package var peakHours = 3
        /// Edits of one message, its reactions, bans and mutes of one user that an answer holds at most.
        package var detailRows = 1_000
        /// Requests answered from MongoDB at once.
        package var concurrent = 12
        package init() {}
    }
}
