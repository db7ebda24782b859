/// Who wrote in which channel, of all that have numbers.
struct WrittenPairs {
    private var isWritten: [Bool]
    /// Channels in which somebody wrote, by number.
    let channels: [Int32]

    /// - Parameter writers: of any number of pieces of time.
    init(_ writers: [PairSet], _ pairs: ChannelPairs) {
        let channelOfEach = pairs.channelOfEach
        isWritten = [Bool](repeating: false, count: channelOfEach.count)
        isWritten.withUnsafeMutableBufferPointer { isWritten in
            for some in writers { some.forEach { isWritten[Int($0)] = true } }
        }
        var isChannel = [Bool](repeating: false, count: pairs.names.count)
        for (pair, channel) in channelOfEach.enumerated() where isWritten[pair] { isChannel[Int(channel)] = true }
        channels = isChannel.indices.filter { isChannel[$0] }.map(Int32.init)
    }

    /// - Parameter pair: may have got its number since.
    func contains(_ pair: Int32) -> Bool { pair < isWritten.count && isWritten[Int(pair)] }
}
