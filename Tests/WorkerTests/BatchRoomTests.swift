import Limits
import Testing

@testable import Worker

struct BatchRoomTests {
    private let limits: Limits.Worker = {
        var limits = Limits.Worker()
        (limits.batchEvents, limits.batchesPerGrowth, limits.batchWrites) = (3_000, 2, 20_000)
        return limits
    }()

    @Test func shrinksToHalfOfWhatWasGivenUp() {
        var room = BatchRoom(limits)
        room.stored(1_250, writes: 5_000)
        #expect(room.events == 3_000)
        room.gaveUp(2_000)
        #expect(room.events == 1_000)
        room.gaveUp(3)
        #expect(room.events == 2)
        room.gaveUp(2)
        #expect(room.events == 1)
    }

    /// The halves of a batch that was taken before are larger than what fits by now.
    @Test func neverGrowsByGivingUp() {
        var room = BatchRoom(limits)
        room.gaveUp(100)
        room.gaveUp(3_000)
        #expect(room.most == 50)
        #expect(room.events == 50)
    }

    @Test func growsBackAsBatchesAreStored() {
        var room = BatchRoom(limits)
        room.gaveUp(2_000)
        let sizes = (1...6).map { _ in
            room.stored(100, writes: 500)
            return room.events
        }
        #expect(sizes == [1_000, 2_000, 2_000, 3_000, 3_000, 3_000])
    }

    /// What a batch takes of memory is its writes, not its events.
    @Test func holdsAsManyEventsAsMakeSoManyWrites() {
        var room = BatchRoom(limits)
        #expect(room.events == 20_000 / limits.writesPerEventAtFirst)
        room.stored(1_250, writes: 11_250)
        #expect(room.events == 2_222)
        #expect(room.most == 3_000, "one that was taken before is stored whole")
        room.stored(2_222, writes: 2_222)
        #expect(room.events == 3_000)
        room.stored(10, writes: 1_000_000)
        #expect(room.events == 1)
        // Nothing new in it.
        room.stored(3_000, writes: 0)
        #expect(room.events == 1)
        room.stored(1, writes: 5)
        #expect(room.events == 3_000)
    }

    @Test func startsOverWhenOneIsGivenUp() {
        var room = BatchRoom(limits)
        room.gaveUp(2_000)
        room.stored(100, writes: 500)
        room.gaveUp(1_000)
        room.stored(100, writes: 500)
        #expect(room.events == 500)
    }
}
