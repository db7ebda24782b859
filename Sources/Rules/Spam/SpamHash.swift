/// FNV-1a over scalars: the hash of a stretch is that of the stretch before it, with one multiplication more.
///
/// Sources: Fowler, Noll, Vo, "FNV hash", 64 bits; the finisher of MurmurHash3 by Appleby; recipe R1, step 6.
enum SpamHash {
    /// The table of weights has two to this power of places.
    ///
    /// With a quarter of them cross-validation on the training part loses .003 of the correlation.
    static let bits = 18
    static let places = 1 << bits

    @inline(__always)
    static func joined(_ hash: UInt64, _ scalar: UInt32) -> UInt64 { (hash ^ UInt64(scalar)) &* 0x0000_0100_0000_01B3 }

    @inline(__always)
    static func mixed(_ hash: UInt64) -> UInt64 {
        var hash = hash
        hash ^= hash >> 33
        hash &*= 0xFF51_AFD7_ED55_8CCD
        return hash ^ hash >> 33
    }

    /// Where the feature's weight stands.
    @inline(__always)
    static func place(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: mixed(hash) >> UInt64(64 - bits)) }
}
