/// The size of a picture, as the beginning of its file states it.
public struct PixelSize: Sendable, Hashable {
  /// In pixels, 1 or more.
  public let width: Int
  /// In pixels, 1 or more.
  public let height: Int

  /// A size; nil unless both sides are 1 or more.
  public init?(width: Int, height: Int) {
    guard width > 0, height > 0 else { return nil }
    self.width = width
    self.height = height
  }

  /// Bytes of a file that are enough to find its size, unless a camera has put a preview before it.
  private static let enough = 64 << 10

  /// The size of a picture in base64; nil unless its beginning is that of a PNG, JPEG, GIF or WebP file that states
  /// one.
  public init?(base64 text: some StringProtocol) {
    // Whole groups of four, so that what is left off leaves no broken one.
    let utf8 = text.utf8.prefix(Self.enough / 3 * 4)
    let groups = Array(utf8.prefix(utf8.count / 4 * 4))
    guard let bytes = Base64.decode(groups[...]) else { return nil }
    self.init(file: bytes)
  }

  /// The size of a picture by the first bytes of its file; nil as above.
  public init?(file bytes: [UInt8]) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      // The first chunk is IHDR (ISO/IEC 15948, 11.2.2).
      guard bytes.count >= 24 else { return nil }
      self.init(width: Self.big(bytes[16..<20]), height: Self.big(bytes[20..<24]))
    } else if bytes.starts(with: "GIF8".utf8) {
      guard bytes.count >= 10 else { return nil }
      self.init(width: Self.little(bytes[6..<8]), height: Self.little(bytes[8..<10]))
    } else if bytes.starts(with: [0xFF, 0xD8]) {
      self.init(jpeg: bytes)
    } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
      self.init(webP: bytes)
    } else {
      return nil
    }
  }

  /// Looks for the frame header (ITU-T T.81, B.2.2).
  private init?(jpeg bytes: [UInt8]) {
    var at = 2
    while at + 9 <= bytes.count, bytes[at] == 0xFF {
      let marker = bytes[at + 1]
      if marker == 0xFF {
        at += 1
        continue
      }
      if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
        self.init(width: Self.big(bytes[(at + 7)..<(at + 9)]), height: Self.big(bytes[(at + 5)..<(at + 7)]))
        return
      }
      at += 2 + max(2, Self.big(bytes[(at + 2)..<(at + 4)]))
    }
    return nil
  }

  /// One of three kinds of first chunk (RFC 9649, section 2).
  private init?(webP bytes: [UInt8]) {
    guard bytes.count >= 30 else { return nil }
    switch bytes[12..<16] {
    case ArraySlice("VP8X".utf8):
      self.init(width: 1 + Self.little(bytes[24..<27]), height: 1 + Self.little(bytes[27..<30]))
    case ArraySlice("VP8L".utf8):
      let bits = Self.little(bytes[21..<25])
      self.init(width: 1 + bits & 0x3FFF, height: 1 + (bits >> 14) & 0x3FFF)
    case ArraySlice("VP8 ".utf8):
      self.init(width: Self.little(bytes[26..<28]) & 0x3FFF, height: Self.little(bytes[28..<30]) & 0x3FFF)
    default: return nil
    }
  }

  private static func big(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  private static func little(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

extension ImageRule {
  /// The rule of a family's models.
  public init(_ family: TokenFamily) {
    self =
      switch family {
      case .cl100k, .o200k: .tiles(base: 85, tile: 170)
      case .claude: .claude
      case .claude47: .claude47
      case .gemini: .gemini3
      default: .unknown
      }
  }

  /// The tokens of a picture; if its size is not known, those of the shape that takes most, up to one side 20 times
  /// the other.
  public func estimate(_ size: PixelSize?, detail: Detail = .standard) -> TokenEstimate {
    if let size { return estimate(width: size.width, height: size.height, detail: detail) }
    let shapes = [(20_000, 20_000), (20_000, 7_500), (7_500, 20_000), (20_000, 1_000), (1_000, 20_000)]
    let all = shapes.map { estimate(width: $0.0, height: $0.1, detail: detail) }
    return TokenEstimate(
      expected: all.map(\.expected).max() ?? 0, high: all.map(\.high).max() ?? 0,
      bound: all.map(\.bound).max() ?? 0)
  }
}
