package import Chat

/// How far a back-fill has come, such that it can go on there although channels, messages and bans come and go meanwhile.
package struct BackfillPosition: Sendable, Equatable {
    package var channels = Reached()
    /// After the channels.
    package var bans = Reached()
    /// The channel that is under way.
    package var current: Place?

    /// What is read in the order of its making, which never changes: the last one's time, and how many of that very time
    /// are done.
    package struct Reached: Sendable, Equatable {
        package var created: Timestamp?
        package var done = 0

        package init() {}

        package mutating func pass(madeAt time: Timestamp?) {
            guard let time, time != created else {
                done += 1
                return
            }
            (created, done) = (time, 1)
        }
    }

    package struct Place: Sendable, Equatable {
        package var cid: String
        /// The last message read.
        package var message: Mark?
        /// Members read.
        package var members = 0

        package init(cid: String) { self.cid = cid }
    }

    package struct Mark: Sendable, Equatable {
        package var id: String
        package var createdAt: Timestamp
        package init(id: String, createdAt: Timestamp) { (self.id, self.createdAt) = (id, createdAt) }
    }

    package init() {}

    /// A channel is read to its end.
    package mutating func pass(channelMadeAt time: Timestamp?) {
        current = nil
        channels.pass(madeAt: time)
    }
}
