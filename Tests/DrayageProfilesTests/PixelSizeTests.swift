import DrayageProfiles
import Testing

struct PixelSizeTests {
  /// The beginnings of files as the formats' specifications lay them out, of 300 by 200 pixels.
  private static let files: [(name: String, bytes: [UInt8])] = [
    (
      "png",
      [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
        + [0, 0, 1, 44, 0, 0, 0, 200, 8, 2]
    ),
    ("gif", Array("GIF89a".utf8) + [44, 1, 200, 0]),
    (
      "jpeg",
      [0xFF, 0xD8, 0xFF, 0xE0, 0, 6, 1, 2, 3, 4, 0xFF, 0xFF, 0xC2, 0, 17, 8, 0, 200, 1, 44, 3]
    ),
    (
      "webp, extended",
      Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8X".utf8) + [
        10, 0, 0, 0, 0, 0, 0, 0, 43, 1, 0, 199, 0, 0,
      ]
    ),
    (
      "webp, lossless",
      Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8L".utf8)
        + [9, 0, 0, 0, 0x2F, 0x2B, 0xC1, 0x31, 0, 0, 0, 0, 0, 0]
    ),
    (
      "webp, lossy",
      Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8 ".utf8)
        + [9, 0, 0, 0, 0, 0, 0, 0x9D, 0x01, 0x2A, 44, 1, 200, 0]
    ),
  ]

  @Test func `the size stands at the beginning of the file`() throws {
    for (name, bytes) in Self.files {
      let size = try #require(PixelSize(file: bytes), "\(name)")
      #expect(size.width == 300 && size.height == 200, "\(name)")
    }
  }

  @Test func `what is cut off or no picture has no size, and crashes nothing`() {
    for (_, bytes) in Self.files {
      for count in 0..<bytes.count { _ = PixelSize(file: Array(bytes.prefix(count))) }
      #expect(PixelSize(file: Array(bytes.prefix(9))) == nil)
    }
    #expect(PixelSize(file: Array("hello".utf8)) == nil)
    #expect(PixelSize(base64: "not base64!") == nil)
    #expect(PixelSize(base64: "") == nil)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let head = Self.files.randomElement(using: &generator)?.bytes ?? []
      let noise = (0..<40).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      _ = PixelSize(file: head.prefix(Int.random(in: 0...12, using: &generator)) + noise)
    }
  }

  @Test func `a picture in base64 is read, also by its beginning alone`() {
    let gif = "R0lGODlhLAHIAA=="
    #expect(PixelSize(base64: gif) == PixelSize(width: 300, height: 200))
    #expect(PixelSize(base64: gif.dropLast(4) + "AAAA" + String(repeating: "A", count: 100_001)) != nil)
  }

  @Test func `a picture of unknown size counts as the shape that takes most`() {
    for rule in [ImageRule.claude, .claude47, .gemini, .gemini3, .tiles(base: 85, tile: 170), .unknown] {
      let unknown = rule.estimate(nil, detail: .high).bound
      for (width, height) in [(1, 1), (512, 512), (2_048, 768), (768, 2_048), (4_000, 3_000), (10_000, 500)] {
        let known = rule.estimate(PixelSize(width: width, height: height), detail: .high).bound
        #expect(known <= unknown, "\(width) x \(height)")
      }
    }
  }
}
