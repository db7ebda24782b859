import Analytics
import MongoDB

/// A row of its own for each channel that two people have both written in.
extension Connection {
    func document(_ cid: String) -> BSONDocument {
        var document = BSONDocument(capacity: 192)
        document.append("_id", joinedID(cid, one, other))
        document.append("cid", cid)
        document.append("pair", joinedID(one, other))
        document.append("at", date: at)
        return document
    }
}
