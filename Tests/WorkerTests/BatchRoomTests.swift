import Limits
import Testing

@testable import Worker

struct BatchRoomTests {
    private let limits: Limits.Worker = {
        var limits = Limits.Worker()
        (limits.batchEvents, limits.batchesPerGrowth) = (3_000, 2)
        return limits
    }()

    @Test func shrinksToHalfOfWhatWasGivenUp() {
        var room = BatchRoom(limits)
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
        #expect(room.events == 50)
    }

    @Test func growsBackAsBatchesAreStored() {
        var room = BatchRoom(limits)
        room.gaveUp(2_000)
        let sizes = (1...6).map { _ in
            room.stored()
            return room.events
        }
        #expect(sizes == [1_000, 2_000, 2_000, 3_000, 3_000, 3_000])
    }

    @Test func startsOverWhenOneIsGivenUp() {
        var room = BatchRoom(limits)
        room.gaveUp(2_000)
        room.stored()
        room.gaveUp(1_000)
        room.stored()
        #expect(room.events == 500)
    }
}
