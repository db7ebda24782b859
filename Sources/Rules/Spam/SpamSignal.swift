/// What a person would notice about a text, as a number; each of its steps that is reached is a feature.
///
/// Source: recipe R1, step 5.
package enum SpamSignal: UInt32, CaseIterable, Sendable {
    case links, emails, prices, shortNumbers, phones
    case digits, digitShare, capitalShare, capitalWords, signShare
    case length, words, wordLength
    case exclamations, questions, ellipses, asterisks, slashes, ampersands, percents, ats, hashes
    case stretched, emoji, invisibles, compatibility, combining, folded, repeatedWords
    case beginsSmall, beginsCapital, endsWithStop
    case phoneAndPrice, linkAndPrice, phoneAndLink, shortNumberAndPrice, phoneAndShortNumber, noContact

    /// Each step that the number reaches is a feature; shares in thousandths, the length of words in tenths.
    static let steps: [[Int]] = allCases.map(\.steps)

    private var steps: [Int] {
        switch self {
        case .links, .emails, .phones, .stretched: [1, 2]
        case .prices, .shortNumbers: [1, 2, 3]
        case .digits: [1, 3, 5, 9, 13, 21]
        case .digitShare: [20, 50, 100, 200, 300]
        case .capitalShare: [100, 200, 300, 500, 800]
        case .capitalWords: [1, 2, 3, 5, 8]
        case .signShare: [50, 100, 150, 250]
        case .length: [20, 40, 60, 80, 100, 120, 140, 160, 200, 300]
        case .words: [3, 6, 10, 15, 20, 25, 30, 40]
        case .wordLength: [30, 35, 40, 45, 50, 60]
        case .exclamations, .questions, .ellipses, .asterisks, .slashes, .ampersands, .percents, .ats, .hashes:
            [1, 2, 3, 5]
        case .emoji: [1, 2, 4, 8]
        case .invisibles, .compatibility, .combining, .folded: [1, 4, 12]
        case .repeatedWords: [1, 2, 4, 8]
        case .beginsSmall, .beginsCapital, .endsWithStop, .phoneAndPrice, .linkAndPrice, .phoneAndLink,
            .shortNumberAndPrice, .phoneAndShortNumber, .noContact:
            [1]
        }
    }

    /// For moderators; continues "… counts: ".
    var words: String {
        switch self {
        case .links: "a link"
        case .emails: "an e-mail address"
        case .prices: "a sum of money"
        case .shortNumbers: "a short number of 4 to 6 digits"
        case .phones: "a phone number"
        case .digits, .digitShare: "how many digits there are"
        case .capitalShare, .capitalWords: "how much is in capitals"
        case .signShare: "how many signs there are"
        case .length, .words: "how long the text is"
        case .wordLength: "how long its words are"
        case .exclamations: "exclamation marks"
        case .questions: "question marks"
        case .ellipses: "dots in a row"
        case .asterisks, .slashes, .ampersands, .percents, .ats, .hashes: "signs such as * / & % @ #"
        case .stretched: "stretched letters"
        case .emoji: "emoji"
        case .invisibles: "characters that cannot be seen"
        case .compatibility, .combining, .folded: "letters that only look like ordinary ones"
        case .repeatedWords: "words said again"
        case .beginsSmall, .beginsCapital: "how the text begins"
        case .endsWithStop: "how the text ends"
        case .phoneAndPrice: "a phone number and a price"
        case .linkAndPrice: "a link and a price"
        case .phoneAndLink: "a phone number and a link"
        case .shortNumberAndPrice: "a short number and a price"
        case .phoneAndShortNumber: "a phone number and a short number"
        case .noContact: "no way to get in touch"
        }
    }
}
