/// The counters that a text is reduced to, and where each lies in ``TextRuns/counts``.
///
/// A counter is a number of runs of one kind, or of characters in them. The number of tokens is modelled as a
/// sum of counters, each times a coefficient of the tokenizer's family, so one pass over a text serves every
/// family. The kinds follow what the published pre-tokenizers split at: a change between letters, digits,
/// spaces and punctuation, and inside identifiers a change of case.
enum RunFeature {
  /// Longest word that has a counter of its own; longer words add the rest to `wordExcess`.
  static let longestWord = 16
  /// Longest run of capitals that has a counter of its own.
  static let longestCapitals = 6

  /// What stands before a word: a space, something else that is no letter or digit, a letter or digit.
  static let contexts = 3

  /// Words of lower-case ASCII letters, with at most one capital in front, by context and length.
  static let word = 0
  static let wordExcess = word + contexts * longestWord
  /// Runs of ASCII capitals, by context and length.
  static let capitals = wordExcess + contexts
  static let capitalsExcess = capitals + contexts * longestCapitals
  /// Words with at least one Latin letter outside ASCII: words, their letters, letters beyond six, the
  /// letters outside ASCII, those of them outside Latin-1, and those of Latin Extended Additional
  /// (Vietnamese).
  static let accented = capitalsExcess + contexts
  /// ASCII words soon after an accented one, which are hardly ever English: words, their letters.
  static let nearAccent = accented + 6
  /// How many words "soon after" is.
  static let nearness = 6
  /// Runs of one, two, three digits; groups of three in longer runs; digits in longer runs.
  static let digits = nearAccent + 2
  /// Single spaces before a digit, and before anything else.
  static let space = digits + 5
  /// Runs of spaces within a line, by length 2-3, 4-7, 8-15, 16 and more, and the spaces in the last.
  static let gap = space + 2
  /// Runs of spaces that start a line, by length 1, 2-3, 4-7, 8-15, 16 and more, and the spaces in the last.
  static let indent = gap + 5
  /// Runs of tabs, and the tabs in them.
  static let tab = indent + 6
  /// Runs of line ends after punctuation, after anything else, and the line ends beyond the first of a run.
  static let newline = tab + 2
  /// One punctuation character alone, by character and by whether a letter follows.
  static let mark = newline + 3
  static let marks = 9
  /// Longer runs of punctuation: of two, of three, of four and more; changes of character within them;
  /// repetitions within them, and the logarithm of the longest repetitions.
  static let punctuation = mark + 2 * marks
  /// Control characters.
  static let control = punctuation + 6
  /// By script: runs, characters, characters beyond the fourth of a run, beyond the eighth.
  static let script = control + 1
  static let perScript = 4
  /// Cyrillic letters that Russian lacks.
  static let cyrillicBeyondRussian = script + perScript * Script.count
  /// Cyrillic capitals other than the first letter of a run.
  static let cyrillicCapitals = cyrillicBeyondRussian + 1
  /// Malformed bytes.
  static let malformed = cyrillicCapitals + 1

  /// Letters of alphabets by ``LetterClass``.
  static let letter = malformed + 1
  /// Ideographs, kana and Hangul syllables by ``LetterClass``.
  static let ideograph = letter + LetterClass.count

  /// The number of counters.
  static let count = ideograph + LetterClass.count
}
